import Core
public import Inspection

/// A message in a file, as Postfix would show it to the filter: lines that end in LF or CRLF, header fields with the
/// space after their colon, values cut at the first NUL byte, fields at 60,000 bytes.
///
/// BUGS: what Postfix changes on the way, such as addresses that it completes, is not done here.
public struct MessageFile: Sendable {
    public let header: HeaderIntake
    /// Bytes of the raw message: header section, empty line, body, with CRLF.
    public let size: Int

    /// header_size_limit, as it is while a milter is attached.
    private static let fieldLimit = 60_000

    public init(_ bytes: [UInt8], messageSizeLimit: Int) {
        var header = HeaderIntake(messageSizeLimit: messageSizeLimit)
        var field: [UInt8] = []
        var position = 0

        func end() {
            guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return }
            var name = field[..<colon]
            while let last = name.last, Self.isBlank(last) { name.removeLast() }
            let value = field.prefix(Self.fieldLimit)[min(colon + 1, field.count)...]
            header.append(name: name, value: value.prefix { $0 != 0 })
            field = []
        }

        while position < bytes.count {
            let lineEnd = bytes[position...].firstIndex(of: 10) ?? bytes.count
            var line = bytes[position..<lineEnd]
            if line.last == 13 { line.removeLast() }
            if position == 0, line.starts(with: Array("From ".utf8)) {
                position = lineEnd + 1  // Of an mbox file.
                continue
            }
            if let first = line.first, Self.isBlank(first), !field.isEmpty {
                field += [10] + line
            } else {
                end()
                // The empty line, or the body that begins without one.
                guard Self.isField(line) else {
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

    /// A name of visible characters, and a colon behind it (RFC 5322 section 2.2); blanks between the two are read.
    private static func isField(_ line: ArraySlice<UInt8>) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
        var name = line[..<colon]
        while let last = name.last, isBlank(last) { name.removeLast() }
        return !name.isEmpty && name.allSatisfy { 0x21...0x7e ~= $0 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

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
