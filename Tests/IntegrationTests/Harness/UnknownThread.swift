import Core
import Sealing
import TestSupport

extension MailHost {
    /// A valid marker of a thread that the database does not know, as after a restore from an old backup.
    func markerOfNoThread(of tenant: Tenant) throws -> String {
        let secret = try query(
            "SELECT encode(secret, 'hex') FROM lever.company_secret WHERE company_id = \(tenant.id) AND kind = 'marker'"
        )
        guard let key = [UInt8](hex: secret) else { throw HarnessError("a marker key that is not in hex") }
        return try Marker.issue(
            company: CompanyID(rawValue: tenant.id), thread: ThreadID(rawValue: 4711), domain: "hire.lever.co",
            keyID: 1, key: HMACKey(key)
        ).messageID
    }
}
