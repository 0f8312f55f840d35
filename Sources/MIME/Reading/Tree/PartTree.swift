/// The parts of a message (RFC 2046) as ranges of its bytes: nothing is copied, so attachments and signed parts are
/// exactly what was sent.
///
/// A plain value. Any input makes a tree; `PartScanner` says how. The tree's depth and the number of its parts are
/// bounded (`ReadingLimits`), so code that walks it may call itself.
struct PartTree: Sendable {
    struct Node: Sendable {
        enum Kind: Sendable {
            /// Text or a file; an attached message, which is a tree of its own.
            case leaf
            /// Its content type is a multipart, with or without parts.
            case multipart
            /// What stands behind the closing boundary of the parent.
            case epilogue
        }

        var kind = Kind.leaf
        /// Without the empty line behind it. Empty if the part has none.
        var header: Range<Int>
        /// Without the line end before the boundary, which belongs to that.
        var body: Range<Int>
        /// Of a multipart: what stands before its first boundary; the whole body if there is none.
        var prologue: Range<Int>
        /// Lines in the header that are no fields.
        var strays: [Range<Int>] = []
        /// Its parent is a multipart/digest.
        var isInDigest = false
        /// A multipart below `ReadingLimits.parts`, whose boundary was not looked for.
        var isTooDeep = false
        /// Of a part; nil for the root.
        var parent: Int?
        var children: [Int] = []
    }

    let bytes: [UInt8]
    /// In the order of the message; the root is the first.
    let nodes: [Node]

    /// A message, or another entity: a header and a body.
    init(_ bytes: [UInt8]) {
        var scanner = PartScanner(bytes, 0..<bytes.count)
        self.bytes = bytes
        nodes = scanner.scanEntity()
    }

    /// The body of a multipart, without its header.
    init(_ bytes: [UInt8], multipart body: Range<Int>, boundary: [UInt8], isDigest: Bool) {
        var scanner = PartScanner(bytes, body)
        self.bytes = bytes
        nodes = scanner.scanMultipart(boundary: boundary, isDigest: isDigest)
    }
}
