import Core
public import Inspection

/// A message in a file, as Postfix would show it to the filter: lines that end in LF or CRLF, header fields with the
/// space after their colon, values cut at the first NUL byte, fields at 60,000 bytes.
///
/// BUGS: what Postfix changes on the way, such as addresses that it completes, is not done here.
public struct MessageFile: Sendable {
    public let header: BoundedHeader
    /// Bytes of the raw message: header section, empty line, body, with CRLF.
    public let size: Int

    /// header_size_limit, as it is while a milter is attached.
    private static let fieldLimit = 60_000

    public init(_ bytes: [UInt8], messageSizeLimit: Int) {
        var header = BoundedHeader(messageSizeLimit: messageSizeLimit)
        var field: [UInt8] = []
        var name: FieldName?
        var position = 0

        func end() {
            guard let begun = name else { return }
            let value = field.prefix(Self.fieldLimit).dropFirst(begun.colon + 1)
            header.append(name: field.prefix(begun.length), value: value.prefix { $0 != 0 })
            name = nil
        }

        while position < bytes.count {
            let lineEnd = bytes[position...].firstIndex(of: 10) ?? bytes.count
            var line = bytes[position..<lineEnd]
            if line.last == 13 { line.removeLast() }
            if position == 0, line.starts(with: Array("From ".utf8)) {
                position = lineEnd + 1  // Of an mbox file.
                continue
            }
            if line.first?.isBlank ?? false, name != nil {
                field += [10] + line
            } else {
                end()
                name = FieldName(startOf: line)
                // The empty line, or the body that begins without one.
                guard name != nil else {
                    if line.isEmpty { position = min(lineEnd + 1, bytes.count) }
                    break
                }
                field = Array(line)
            }
            position = min(lineEnd + 1, bytes.count)
        }
        end()
        self.header = header
        size = header.fields.raw.count + 2 + Self.sizeWithCRLF(bytes[position...])
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
