import Core
public import Inspection

/// A message in a file, as Postfix would show it to the filter (`HeaderReader`). Lines end in LF or CRLF. A byte order
/// mark and empty lines in front of it are the file's, and left out.
///
/// BUGS: what Postfix changes on the way, such as incomplete addresses, stays as it is here.
public struct MessageFile: Sendable {
    public let header: BoundedHeader
    /// Bytes of the raw message: header section, empty line, body, with CRLF.
    public let size: Int
    let body: ArraySlice<UInt8>

    public init(_ bytes: [UInt8], messageSizeLimit: Int) {
        var header = BoundedHeader(messageSizeLimit: messageSizeLimit)
        let bytes = Self.withoutPreamble(bytes)
        let start = HeaderReader.read(bytes) { header.append(name: $0, value: $1) }.body
        self.header = header
        body = bytes[start...]
        size = header.fields.raw.count + 2 + Self.sizeWithCRLF(body)
    }

    private static func withoutPreamble(_ bytes: [UInt8]) -> [UInt8] {
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        let rest = text.drop { $0 == 10 || $0 == 13 }
        return rest.count == bytes.count ? bytes : Array(rest)
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
