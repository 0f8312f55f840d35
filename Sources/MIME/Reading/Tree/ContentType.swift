/// What a part is (RFC 2045 section 5), from its Content-Type fields.
///
/// A plain value.
struct ContentType: Sendable {
    /// `text/plain`: type and subtype in lower case.
    let name: String
    /// There is a field, and it says what the part is.
    let isReadable: Bool
    private let field: ContentField?

    /// Of several fields the first that can be read counts. Without one the part is text (RFC 2045 section 5.2), or in
    /// a digest a message (RFC 2046 section 5.1.5). `charset` is for parameters with unlabelled bytes.
    init(_ fields: [ArraySlice<UInt8>], isInDigest: Bool = false, charset: String? = nil) {
        let fields = fields.prefix(Self.fieldLimit).map { ContentField($0, charset: charset) }
        field = fields.first { Self.name($0.value) != nil } ?? fields.first
        let name = field.flatMap { Self.name($0.value) }
        isReadable = name != nil
        self.name = name ?? (isInDigest ? "message/rfc822" : "text/plain")
    }

    /// A parameter by its name in lower case.
    subscript(_ parameter: String) -> String? { field?[parameter] }

    /// `text`, `multipart` and so on.
    var media: Substring { name.prefix { $0 != "/" } }

    var isMultipart: Bool { name.hasPrefix("multipart/") }

    private static func name(_ value: String) -> String? {
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) { return value }
        return names[value]
    }

    /// What some programs write in the place of both words.
    private static let names = [
        "html": "text/html", "multipart": "multipart/mixed", "pdf": "application/pdf", "plain": "text/plain",
        "text": "text/plain",
    ]
    private static let fieldLimit = 10
}
