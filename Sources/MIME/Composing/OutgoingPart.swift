/// A part of a message that is composed: its MIME fields and its body. A plain value.
struct OutgoingPart {
    private var header = OutgoingHeader()
    private var body: [UInt8]
    /// Whether the body can hold any line: the encodings' alphabets exclude boundaries.
    private var isLiteral = false

    /// The fields, the empty line and the body, lines ending in CRLF.
    var bytes: [UInt8] { header.bytes + [13, 10] + body }

    init(text: String) {
        let text = OutgoingText(text)
        header.add("Content-Type", tokens: ["text/plain;", "charset=utf-8"])
        header.add("Content-Transfer-Encoding", tokens: [text.encoding.rawValue])
        body = text.encoded
        isLiteral = text.encoding == .sevenBit
    }

    init(_ attachment: OutgoingMessage.Attachment) {
        let name = OutgoingHeader.oneLine(attachment.name)
        header.add(
            "Content-Type", tokens: ["\(AttachmentType.type(of: name));"] + ParameterEncoder.fallback("name", name))
        header.add("Content-Disposition", tokens: ["attachment;"] + ParameterEncoder.tokens("filename", name))
        header.add("Content-Transfer-Encoding", tokens: ["base64"])
        body = Base64.lines(attachment.content)
    }

    /// A multipart/mixed. `seed` is an id of the message: two messages have different boundaries, as one may come to
    /// stand in the other.
    init(mixed parts: [OutgoingPart], seed: String) {
        let boundary = Self.boundary(for: parts, seed: seed)
        header.add("Content-Type", tokens: ["multipart/mixed;", "boundary=\"\(boundary)\""])
        body = []
        for part in parts { body += Array("--\(boundary)\r\n".utf8) + part.bytes + [13, 10] }
        body += Array("--\(boundary)--\r\n".utf8)
    }

    /// A line that no part has (RFC 2046 section 5.1.1). `=_` occurs neither in base64 nor in quoted-printable.
    private static func boundary(for parts: [OutgoingPart], seed: String) -> String {
        let word = String(seed.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(48))
        let texts = parts.filter(\.isLiteral).map { String(decoding: $0.body, as: UTF8.self) }
        return (0...).lazy.map { "=_\(word)_\($0)" }.first { boundary in
            !texts.contains { $0.contains("--\(boundary)") }
        }!
    }
}
