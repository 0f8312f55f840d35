import Core
public import Inspection

/// A message in a file, as Postfix would show it to the filter (`HeaderReader`). Lines end in LF or CRLF.
///
/// BUGS: what Postfix changes on the way, such as incomplete addresses, stays as it is here.
public struct MessageFile: Sendable {
    public let header: BoundedHeader
    /// Bytes of the raw message: header section, empty line, body, with CRLF.
    public let size: Int

    public init(_ bytes: [UInt8], messageSizeLimit: Int) {
        var header = BoundedHeader(messageSizeLimit: messageSizeLimit)
        let body = HeaderReader.read(bytes) { header.append(name: $0, value: $1) }.body
        self.header = header
        size = header.fields.raw.count + 2 + Self.sizeWithCRLF(bytes[body...])
    }

    private static func sizeWithCRLF(_ body: ArraySlice<UInt8>) -> Int {
        var size = body.count
        var previous: UInt8 = 0
        for byte in body {
            if byte == 10, previous != 13 { size += 1 }
            previous = byte
        }
        return previous == 10 || body.isEmpty ? size : size + 2
    }
}
