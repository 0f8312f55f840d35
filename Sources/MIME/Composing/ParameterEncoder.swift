/// Writes a file's name as a parameter of Content-Type or Content-Disposition: as words between which the field may be
/// folded.
enum ParameterEncoder {
    /// Of a value on a line of its own.
    private static let valueLimit = 60

    /// `name=value`: a quoted string; of what that cannot hold, the extended form, in several sections if it is long
    /// (RFC 2231 sections 3 and 4).
    static func tokens(_ name: String, _ value: String) -> [String] {
        if isPlain(value) { return ["\(name)=\(OutgoingHeader.quoted(value))"] }
        var sections: [String] = []
        var section = "UTF-8''"
        for character in value {
            let bytes = character.utf8.map { isAttributeByte($0) ? String(UnicodeScalar($0)) : percent($0) }
            // Whole characters, since some programs decode each section by itself; but no line grows without end.
            let pieces = bytes.count <= 16 ? [bytes.joined()] : bytes
            for piece in pieces {
                if section.utf8.count + piece.utf8.count > valueLimit {
                    sections.append(section)
                    section = ""
                }
                section += piece
            }
        }
        guard !sections.isEmpty else { return ["\(name)*=\(section)"] }
        return sections.enumerated().map { "\(name)*\($0)*=\($1);" } + ["\(name)*\(sections.count)*=\(section)"]
    }

    /// `name=value` with encoded words in the quoted string where the plain form does not do. No standard allows it
    /// (RFC 2047 section 5 (3)), but programs that do not know RFC 2231 read it.
    static func fallback(_ name: String, _ value: String) -> [String] {
        if isPlain(value) { return ["\(name)=\(OutgoingHeader.quoted(value))"] }
        var words = WordEncoder.words(value, after: name.utf8.count + 3)
        words[0] = "\(name)=\"\(words[0])"
        words[words.count - 1] += "\""
        return words
    }

    /// Printable ASCII that fits on a line, needs no escape, and reads as no encoded word.
    private static func isPlain(_ value: String) -> Bool {
        value.utf8.count <= valueLimit && !value.contains("=?") && !value.isEmpty
            && value.utf8.allSatisfy { 0x20...0x7e ~= $0 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    /// `attribute-char` (RFC 2231 section 7).
    private static func isAttributeByte(_ byte: UInt8) -> Bool {
        0x21...0x7e ~= byte && !"*'%()<>@,;:\\\"/[]?=".utf8.contains(byte)
    }

    private static func percent(_ byte: UInt8) -> String {
        String(decoding: [UInt8(ascii: "%")] + QuotedPrintable.escaped(byte).dropFirst(), as: UTF8.self)
    }
}
