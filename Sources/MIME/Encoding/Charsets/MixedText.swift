import Core

/// Text that is said to be UTF-8 or ASCII, or not said to be anything, as it is met: in parts UTF-8 and in parts
/// windows-1252, where a reply quotes, or a list adds a footer, without converting.
enum MixedText {
    /// Valid UTF-8 is UTF-8; otherwise each line is what it is.
    static func decode(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = ""
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for line in bytes[...].lines {
            if let utf8 = String(validating: line, as: UTF8.self) {
                text += utf8
            } else if let damaged = damagedUTF8(line) {
                text += damaged
            } else {
                text += SingleByteTable.windows1252.decode(line)
            }
        }
        return text
    }

    /// Nil if no character beyond ASCII is valid. A lone letter of windows-1252 among ASCII letters is that letter.
    private static func damagedUTF8(_ line: ArraySlice<UInt8>) -> String? {
        let repaired = String(decoding: line, as: UTF8.self)
        guard repaired.unicodeScalars.contains(where: { !$0.isASCII && $0 != "\u{FFFD}" }) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(line.count + 16)
        for (index, byte) in zip(line.indices, line) {
            if byte >= 0xc0, isLone(index, in: line) {
                bytes.append(0xc3)
                bytes.append(byte & 0xbf)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isLone(_ index: Int, in line: ArraySlice<UInt8>) -> Bool {
        let before = index > line.startIndex ? line[index - 1] : 0x20
        let after = index + 1 < line.endIndex ? line[index + 1] : 0x20
        return before < 0x80 && after < 0x80 && (isLetter(before) || isLetter(after))
    }

    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }
}
