import Core

/// Makes a `PartTree` in one pass over the lines.
///
/// As lenient as mail programs: a multipart ends at its closing boundary, at a boundary of one around it, or with the
/// message; a part behind the closing boundary is a part; blanks may follow a boundary; a header may lack the empty
/// line behind it.
///
/// A plain value. The work is linear whatever is open: a line that begins with two hyphens is looked up in a dictionary.
struct PartScanner {
    private typealias Node = PartTree.Node

    /// A multipart whose end has not come.
    private struct Open {
        let node: Int
        let boundary: ArraySlice<UInt8>
        let isDigest: Bool
    }

    private let bytes: [UInt8]
    private let range: Range<Int>
    private var lines: LineScanner
    private var nodes: [Node] = []
    private var stack: [Open] = []
    /// The positions in the stack of each boundary; several if the sender used one twice.
    private var levels: [ArraySlice<UInt8>: [Int]] = [:]
    /// The node whose bytes come; a multipart while its prologue does.
    private var current = 0
    /// While its header comes.
    private var header: HeaderScanner?

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range
        lines = LineScanner(bytes, range)
    }

    mutating func scanEntity() -> [PartTree.Node] {
        begin(parent: nil, at: range.lowerBound, .leaf)
        header = HeaderScanner(bytes, at: range.lowerBound, isMessage: true)
        // In the header of a message lines end as Postfix sees them.
        lines.endsAtCarriageReturn = !lines.hasLineFeed
        scan()
        return nodes
    }

    mutating func scanMultipart(boundary: [UInt8], isDigest: Bool) -> [PartTree.Node] {
        begin(parent: nil, at: range.lowerBound, .leaf)
        push(0, boundary: boundary[...], isDigest: isDigest)
        scan()
        return nodes
    }

    private mutating func scan() {
        while let line = lines.next() {
            if let (level, isClosing) = boundary(line) {
                end(at: line.lowerBound)
                pop(to: level, at: line.lowerBound)
                let parent = stack[level].node
                begin(parent: parent, at: lines.position, isClosing ? .epilogue : .leaf)
                header = isClosing ? nil : HeaderScanner(bytes, at: lines.position, isMessage: false)
            } else if header != nil, let (header, body) = header!.take(line, next: lines.position) {
                endHeader(header, body: body)
            }
        }
        end(at: range.upperBound, isBoundary: false)
        pop(to: -1, at: range.upperBound, isBoundary: false)
    }

    // MARK: Boundaries

    /// The level of the multipart whose boundary the line is (RFC 2046 section 5.1.1).
    private func boundary(_ line: Range<Int>) -> (level: Int, isClosing: Bool)? {
        let hyphen = UInt8(ascii: "-")
        guard !stack.isEmpty, line.count > 2, bytes[line.lowerBound] == hyphen, bytes[line.lowerBound + 1] == hyphen
        else { return nil }
        let name = Self.trimmed(bytes[line].dropFirst(2))
        if let level = levels[name]?.last, nodes.count < ReadingLimits.partCount { return (level, false) }
        guard name.count > 2, name.suffix(2).allSatisfy({ $0 == hyphen }) else { return nil }
        return levels[name.dropLast(2)]?.last.map { ($0, true) }
    }

    private static func trimmed(_ name: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var name = name
        while let last = name.last, last.isBlank || last == carriageReturn { name.removeLast() }
        return name
    }

    private mutating func push(_ node: Int, boundary: ArraySlice<UInt8>, isDigest: Bool) {
        nodes[node].kind = .multipart
        // Blanks at its end may be lost on the way, so they do not count.
        let boundary = Self.trimmed(boundary)
        nodes[node].isTooDeep = stack.count >= ReadingLimits.parts
        guard !nodes[node].isTooDeep, !boundary.isEmpty else { return }
        levels[boundary, default: []].append(stack.count)
        stack.append(Open(node: node, boundary: boundary, isDigest: isDigest))
    }

    /// Ends the multiparts inside that of the level.
    private mutating func pop(to level: Int, at position: Int, isBoundary: Bool = true) {
        while stack.count > level + 1 {
            let open = stack.removeLast()
            if levels[open.boundary]?.removeLast() != nil, levels[open.boundary]!.isEmpty {
                levels[open.boundary] = nil
            }
            let start = nodes[open.node].body.lowerBound
            let last = nodes[open.node].children.last.map { nodes[$0].body.upperBound } ?? start
            nodes[open.node].body = start..<max(last, content(from: start, to: position, isBoundary))
        }
    }

    // MARK: Parts

    private mutating func begin(parent: Int?, at position: Int, _ kind: Node.Kind) {
        current = nodes.count
        let start = position..<position
        nodes.append(Node(kind: kind, header: start, body: start, prologue: start, parent: parent))
        if let parent { nodes[parent].children.append(current) }
        nodes[current].isInDigest = kind == .leaf && stack.last?.isDigest == true
    }

    private mutating func endHeader(_ header: HeaderScanner.Header, body: Int) {
        self.header = nil
        lines.endsAtCarriageReturn = true
        nodes[current].header = header.range
        nodes[current].strays = header.strays
        nodes[current].body = body..<body
        nodes[current].prologue = body..<body
        let fields = PartHeader(bytes, header.range, isMessage: nodes[current].parent == nil)
        let type = ContentType(fields.values("Content-Type"))
        guard type.isMultipart else { return }
        push(current, boundary: Array((type["boundary"] ?? "").utf8)[...], isDigest: type.name == "multipart/digest")
    }

    private mutating func end(at position: Int, isBoundary: Bool = true) {
        if let (header, body) = header?.finish(at: position) { endHeader(header, body: body) }
        let start = nodes[current].body.lowerBound
        let content = start..<content(from: start, to: position, isBoundary)
        // With a boundary of its own it ends later.
        if stack.last?.node == current { nodes[current].prologue = content } else { nodes[current].body = content }
        if nodes[current].kind == .multipart { nodes[current].prologue = content }
    }

    /// Where the content ends that a line at the position follows.
    private func content(from start: Int, to position: Int, _ isBoundary: Bool) -> Int {
        var end = position
        guard isBoundary else { return max(start, end) }
        if end > start, bytes[end - 1] == lineFeed { end -= 1 }
        if end > start, bytes[end - 1] == carriageReturn { end -= 1 }
        return max(start, end)
    }

    /// The boundary that a multipart has if it is not the one it says: that of the first line like one which a field
    /// for a part follows.
    static func likelyBoundary(_ bytes: [UInt8], _ body: Range<Int>) -> [UInt8]? {
        var lines = LineScanner(bytes, body)
        var candidate: ArraySlice<UInt8>?
        while let line = lines.next() {
            let text = bytes[line]
            if let candidate, FieldName(startOf: text) != nil,
                text.prefix(8).elementsEqual("content-".utf8, by: { $0 | 0x20 == $1 })
            {
                return Array(candidate)
            }
            candidate = text.starts(with: "--".utf8) ? trimmed(text.dropFirst(2)) : nil
            if candidate?.isEmpty == true { candidate = nil }
        }
        return nil
    }
}
