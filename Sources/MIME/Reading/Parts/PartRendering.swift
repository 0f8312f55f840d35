import SMIME

/// The rendering of one message: from the tree of its parts to text and attachments.
///
/// A plain value, used within one call. `PartReaders` says what shows a part of which type; this walks the tree, which
/// is bounded, and unpacks multiparts that hide their parts.
struct PartRendering {
    let context: ReadingContext
    var budget = SourceBudget()
    private var containersLeft = ReadingLimits.containers
    private var unpackingsLeft = ReadingLimits.unpackings
    /// Trees around the one that is walked: encoded multiparts, messages in containers.
    private var treeDepth = 0

    init(_ context: ReadingContext = ReadingContext()) { self.context = context }

    /// The body of a message as it is shown, and the bytes of text that were not looked at.
    static func body(of raw: [UInt8]) -> (shown: Rendition, unread: Int) { body(of: PartTree(raw)) }

    static func body(
        of tree: PartTree, _ context: ReadingContext = ReadingContext()
    ) -> (shown: Rendition, unread: Int) {
        var rendering = PartRendering(context)
        let shown = rendering.renderMessage(tree)
        return (shown, rendering.budget.omitted)
    }

    /// A message with content is never empty: what has no text says what it is.
    private mutating func renderMessage(_ tree: PartTree) -> Rendition {
        var shown = render(MessagePart(tree, charset: MessageHeader.charset(of: tree)))
        shown.showContained()
        if shown.blocks.isEmpty { (shown.blocks, shown.isSubstituted) = (shown.substitute, true) }
        if shown.blocks.isEmpty {
            for case (.part(let part), let message?) in shown.attachments.map({ ($0.content, $0.attachment.message) }) {
                shown.blocks += AttachedMessageReader.text(of: part, message, &self)
            }
        }
        if shown.blocks.isEmpty, shown.attachments.isEmpty { shown.attachments = shown.unseen }
        return shown
    }

    /// The text of a message inside a part; empty if it is nested too deep.
    mutating func blocks(ofMessage raw: [UInt8]) -> [Message.Block] {
        nested { $0.renderMessage(PartTree(raw)) }?.blocks ?? []
    }

    mutating func render(_ part: MessagePart) -> Rendition {
        var all = Rendition(plain: text(Array(part.strays.joined(separator: [lineFeed]))))
        all.append(part.isMultipart ? renderMultipart(part) : PartReaders.leaf(part)(part, &self))
        return all
    }

    mutating func render(oneAfterAnother parts: some Sequence<MessagePart>) -> Rendition {
        var all = Rendition()
        for part in parts { all.append(render(part)) }
        return all
    }

    /// An entity that was inside a part: header and body. Nil if it is nested too deep.
    mutating func render(entity: [UInt8], charset: String?) -> Rendition? {
        nested { $0.render(MessagePart(PartTree(entity), charset: charset)) }
    }

    /// Text of which no character set is known.
    mutating func text(_ bytes: [UInt8]) -> String {
        bytes.isEmpty ? "" : Charset.decode(budget.take(bytes), label: nil)
    }

    // MARK: Containers

    /// Counts one more; false if the message has too many, and they are files.
    mutating func takeContainer() -> Bool {
        containersLeft -= 1
        return containersLeft >= 0
    }

    /// Whether the part is all of the message but its header.
    func isRoot(_ part: MessagePart) -> Bool { part.index == 0 && treeDepth == 0 }

    /// - Parameter content: What is signed; nil if that is inside the structure.
    func signature(_ structure: [UInt8], over content: [UInt8]?) -> Signature {
        Signature(structure, content: content, authorities: context.authorities, at: context.receivedAt)
    }

    // MARK: Multiparts

    private mutating func renderMultipart(_ part: MessagePart) -> Rendition {
        let children = part.children
        if part.hasEncodedParts || children.isEmpty, let unpacked = unpacked(part, hasParts: !children.isEmpty),
            let all = nested({ $0.render(part, children: unpacked.children) })
        {
            return all
        }
        guard !children.isEmpty else {
            // No boundary, or one that never comes.
            return Rendition(plain: text(part.isTooDeep ? Array(part.source) : part.content))
        }
        return render(part, children: children)
    }

    private mutating func render(_ part: MessagePart, children: [MessagePart]) -> Rendition {
        // The epilogue is shown: a closing boundary that comes too early leaves text behind it. The prologue is not to be
        // shown (RFC 2046 section 5.1.1), unless there is nothing else: the first boundary is missing.
        var all = PartReaders.multipart(part)(part, children.filter { !$0.isEpilogue }, &self)
        if all.blocks.isEmpty {
            let prologue = Rendition(plain: text(Array(part.prologue)))
            if !prologue.blocks.contains(where: { $0.content.contains("MIME") }) { all.substitute += prologue.blocks }
        }
        for epilogue in children where epilogue.isEpilogue { all.append(render(epilogue)) }
        return all
    }

    /// The parts of a multipart that is encoded as a whole (which RFC 2045 section 6.4 forbids), or whose boundary is
    /// another than it says. Nil if there are none.
    private mutating func unpacked(_ part: MessagePart, hasParts: Bool) -> MessagePart? {
        guard treeDepth < ReadingLimits.nestedTrees, unpackingsLeft > 0, !part.isTooDeep else { return nil }
        unpackingsLeft -= 1
        let boundary = Array((part.contentType["boundary"] ?? "").utf8)
        let isDigest = part.contentType.name == "multipart/digest"
        func parts(_ bytes: [UInt8], _ body: Range<Int>, _ boundary: [UInt8]) -> MessagePart? {
            let tree = PartTree(bytes, multipart: body, boundary: boundary, isDigest: isDigest)
            return tree.nodes[0].children.isEmpty ? nil : MessagePart(tree, charset: part.charset)
        }
        if part.hasEncodedParts {
            let content = part.content
            let body = 0..<content.count
            if let found = parts(content, body, boundary) { return found }
            if !hasParts, content.count != part.body.count, let other = PartScanner.likelyBoundary(content, body) {
                return parts(content, body, other)
            }
        }
        guard !hasParts else { return nil }
        let body = part.body.indices
        return PartScanner.likelyBoundary(part.tree.bytes, body).flatMap { parts(part.tree.bytes, body, $0) }
    }

    private mutating func nested(_ body: (inout PartRendering) -> Rendition) -> Rendition? {
        guard treeDepth < ReadingLimits.nestedTrees else { return nil }
        treeDepth += 1
        defer { treeDepth -= 1 }
        return body(&self)
    }
}
