import Core

/// Finds the end of a header that no empty line ends: the first line that is not a field, as Postfix does it too. GMime
/// would drop such lines.
enum HeaderEnd {
    /// The message with an empty line inserted there; unchanged if it has one.
    static func marked(in raw: [UInt8]) -> [UInt8] {
        let (body, hasSeparator) = HeaderReader.read(raw)
        guard !hasSeparator, body < raw.count else { return raw }
        return Array(raw[..<body] + "\r\n".utf8 + raw[body...])
    }
}
