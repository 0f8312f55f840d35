/// One part of a `PartTree`, with what its header says of it.
///
/// A plain value that keeps the tree's bytes.
struct MessagePart: Sendable {
    let tree: PartTree
    let index: Int
    let header: PartHeader
    let contentType: ContentType
    /// Content-Disposition in lower case, without parameters; empty if the field is missing.
    let disposition: String
    /// File name as the sender wrote it, shortened to `ReadingLimits.name`; empty if there is none.
    let name: String
    /// The label for unlabelled bytes in fields.
    let charset: String?

    init(_ tree: PartTree, _ index: Int = 0, charset: String?) {
        self.tree = tree
        self.index = index
        self.charset = charset
        let node = tree.nodes[index]
        header = PartHeader(tree.bytes, node.header, isMessage: index == 0)
        contentType = ContentType(header.values("Content-Type"), isInDigest: node.isInDigest, charset: charset)
        let field = header.values("Content-Disposition").first.map { ContentField($0, charset: charset) }
        disposition = field?.value ?? ""
        name = (field?["filename"] ?? contentType["name"] ?? "").shortened(to: ReadingLimits.name)
    }

    private var node: PartTree.Node { tree.nodes[index] }

    /// The type as it is shown.
    var type: String {
        // Without a type a file with a name is not text: senders leave it out for any file.
        let isFile = !contentType.isReadable && !name.isEmpty && !name.lowercased().hasSuffix(".txt")
        return isFile ? "application/octet-stream" : contentType.name.shortened(to: ReadingLimits.name)
    }

    var isMultipart: Bool { node.kind == .multipart }

    /// Whether it is what stands behind a closing boundary.
    var isEpilogue: Bool { node.kind == .epilogue }

    var children: [MessagePart] { node.children.map { MessagePart(tree, $0, charset: charset) } }

    /// Header and body, as they were sent: what a signature is over (RFC 1847 section 2.1).
    var source: ArraySlice<UInt8> { tree.bytes[node.header.lowerBound..<node.body.upperBound] }

    /// The body as it was sent.
    var body: ArraySlice<UInt8> { tree.bytes[node.body] }

    /// Of a multipart, what stands before its first part.
    var prologue: ArraySlice<UInt8> { tree.bytes[node.prologue] }

    var contentID: String? { header.values("Content-ID").first.map { String(decoding: $0, as: UTF8.self) } }

    /// Lines in the header that are no fields.
    var strays: [ArraySlice<UInt8>] { node.strays.map { tree.bytes[$0] } }

    /// The decoded body.
    var content: [UInt8] {
        // In a file text beside encoded lines is damage; elsewhere it is somebody's text.
        let isText = ["text", "multipart", "message"].contains(contentType.media) && disposition != "attachment"
        return encoding.decode(body, isText: isText)
    }

    private var encoding: TransferEncoding {
        TransferEncoding(header.values("Content-Transfer-Encoding").first)
    }

    /// A multipart nested deeper than is walked.
    var isTooDeep: Bool { node.isTooDeep }

    /// An attachment, or a file that says nothing but its name.
    var isFile: Bool {
        // A program that calls the whole message an attachment means its text.
        disposition == "attachment" && !(node.parent == nil && name.isEmpty)
    }

    /// Whether the multipart's parts are encoded with it: they cannot be seen, or what they say is not readable.
    var hasEncodedParts: Bool {
        guard isMultipart, encoding != .identity else { return false }
        let children = node.children.map { tree.nodes[$0] }
        return children.isEmpty || children.contains { Self.looksEncoded(tree.bytes[$0.header], tree.bytes[$0.body]) }
    }

    /// Whether a part is quoted-printable although its header does not say so: `charset=3D"utf-8"`.
    private static func looksEncoded(_ header: ArraySlice<UInt8>, _ body: ArraySlice<UInt8>) -> Bool {
        let start = Array(body.prefix(10_000))
        return header.contains("=3D".utf8)
            || !String(decoding: header, as: UTF8.self).lowercased().contains("content-transfer-encoding")
                && (start.contains("=C3=".utf8) || start.contains("=\r\n".utf8) || start.contains("=\n".utf8))
    }
}
