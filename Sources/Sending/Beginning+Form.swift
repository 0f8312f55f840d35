import Core
import Store

extension ReaderSession.Beginning {
    /// Whether marker and token have the form that goes into a header: they come from the database, and whoever writes
    /// to that must not write header fields.
    func isWellFormed(for company: CompanyID, markerDomain: String) -> Bool {
        guard messageID.hasPrefix("<"), messageID.hasSuffix(">"),
            let marker = Marker(messageID: Array(messageID.dropFirst().dropLast().utf8), domains: [markerDomain])
        else { return false }
        return marker.company == company && marker.thread == thread && marker.messageID == messageID
            && entryToken.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || $0 == UInt8(ascii: ".")
            }
    }
}
