/// Flows text into lines as a browser lays out blocks: white space collapses, and of two adjacent spacings the larger
/// counts.
struct TextLayout {
    enum Spacing: Int {
        case line = 1
        case paragraph = 2
    }

    private var lines: [Line] = []
    /// The line being filled; empty until there is text for it.
    private var line: [UInt8] = []
    private var isLineQuoted = false
    private var lineCitations = 0
    private var lineIndentations = 0

    /// Line breaks due before the next text: between blocks, where the maximum counts, and explicit ones.
    private var blockBreaks = 0
    private var writtenBreaks = 0
    private var isSpaceDue = false
    private var isCellSeparatorDue = false
    private var itemMarker: String?

    private var indent = 0
    private var citations = 0
    private var folds = 0
    private var indentations = 0
    /// For each open table row, the index of the line that its text starts on.
    private var rows: [Int?] = []
    private var linkText: [UInt8]?

    /// Bytes of text so far, without white space.
    private(set) var length = 0
    /// The last eight bytes of text, the latest one lowest.
    private var tail: UInt64 = 0

    /// What is appended now is part of a quotation.
    var isQuoting: Bool { citations + folds > 0 }

    /// In one of ASCII or a full-width one, marks of direction (U+2000 to U+203F) behind it aside.
    var endsInColon: Bool {
        var tail = tail
        while tail & 0xffffc0 == 0xe28080 { tail >>= 24 }
        return tail & 0xff == 0x3a || tail & 0xffffff == 0xefbc9a
    }

    mutating func append(_ bytes: some Sequence<UInt8>, preformatted: Bool = false) {
        for byte in bytes {
            switch byte {
            case lineFeed where preformatted: breakLine()
            case carriageReturn where preformatted: break
            case space where preformatted, UInt8(ascii: "\t") where preformatted: put(byte)
            case space, UInt8(ascii: "\t"), lineFeed, carriageReturn, 0x0c: isSpaceDue = true
            default:
                put(byte)
                length += 1
                tail = tail << 8 | UInt64(byte)
            }
        }
    }

    /// Call at the start and the end of a block.
    mutating func separate(_ spacing: Spacing) {
        guard itemMarker == nil, !isCellSeparatorDue else { return }
        blockBreaks = max(blockBreaks, spacing.rawValue)
    }

    /// An explicit line break. At the start of a block it makes an empty line, at the end none.
    mutating func breakLine() {
        guard itemMarker == nil, !isCellSeparatorDue else { return }
        writtenBreaks = max(writtenBreaks, blockBreaks) + 1
        blockBreaks = 0
    }

    mutating func startQuote(_ mark: QuoteMark) {
        separate(.line)
        open(mark, 1)
    }

    mutating func endQuote(_ mark: QuoteMark) {
        separate(.line)
        open(mark, -1)
    }

    private mutating func open(_ mark: QuoteMark, _ change: Int) {
        switch mark {
        case .cited: citations += change
        case .folded: folds += change
        case .indented: indentations += change
        }
    }

    mutating func startItem(_ marker: String) {
        itemMarker = nil
        separate(.line)
        itemMarker = marker
        indent += marker.utf8.count
    }

    mutating func endItem(indent: Int) {
        itemMarker = nil
        self.indent -= indent
        separate(.line)
    }

    mutating func startRow() {
        separate(.line)
        rows.append(nil)
    }

    /// Cells are put side by side if they fit on one line.
    mutating func startCell() {
        if let row = rows.last, let start = row, start == lines.count { isCellSeparatorDue = true }
        separate(.line)
    }

    mutating func endRow() {
        isCellSeparatorDue = false
        if !rows.isEmpty { rows.removeLast() }
        separate(.line)
    }

    mutating func startLink() { linkText = [] }

    /// Appends the address, unless the link's text shows it already.
    mutating func endLink(to address: String?) {
        defer { linkText = nil }
        // Text of any length but this is no address.
        guard let address, let shown = linkText, !address.isEmpty, !address.hasPrefix("#"),
            shown.count > 4 * ReadingLimits.link
                || plainAddress(address) != plainAddress(String(decoding: shown, as: UTF8.self))
        else { return }
        let due = (blockBreaks, writtenBreaks, isSpaceDue)
        if !shown.isEmpty { (blockBreaks, writtenBreaks, isSpaceDue) = (0, 0, true) }
        append("<\(address.shortened(to: ReadingLimits.link))>".utf8)
        if !shown.isEmpty { (blockBreaks, writtenBreaks, isSpaceDue) = due }
    }

    mutating func finish() -> [Line] {
        finishLine()
        return lines
    }

    private mutating func put(_ byte: UInt8) {
        if isSpaceDue || blockBreaks + writtenBreaks > 0 || isCellSeparatorDue || line.isEmpty { makeRoom() }
        line.append(byte)
        linkText?.append(byte)
    }

    /// Emits the breaks and spaces that are due before the next character.
    private mutating func makeRoom() {
        if isCellSeparatorDue {
            line += " | ".utf8
        } else if blockBreaks + writtenBreaks > 0, !line.isEmpty {
            finishLine()
            if max(blockBreaks, writtenBreaks) > 1 {
                let marks = String(repeating: ">", count: min(lineCitations, citations, ReadingLimits.quoteDepth))
                append(
                    Line(
                        text: marks, isQuoted: isLineQuoted && isQuoting,
                        indentation: min(lineIndentations, indentations)))
            }
        } else if isSpaceDue, !line.isEmpty {
            line.append(space)
            if linkText?.isEmpty == false { linkText?.append(space) }
        }
        (blockBreaks, writtenBreaks, isSpaceDue, isCellSeparatorDue) = (0, 0, false, false)
        if line.isEmpty { startLine() }
    }

    private mutating func startLine() {
        isLineQuoted = isQuoting
        (lineCitations, lineIndentations) = (citations, indentations)
        let marks = min(citations, ReadingLimits.quoteDepth)
        if marks > 0 { line = Array(repeating: quoteMark, count: marks) + [space] }
        let marker = itemMarker ?? ""
        let columns = min(indent - marker.utf8.count, ReadingLimits.indent)
        line += Array(repeating: space, count: max(0, columns)) + marker.utf8
        itemMarker = nil
        for row in rows.indices.reversed() {
            guard rows[row] == nil else { break }
            rows[row] = lines.count
        }
    }

    private mutating func finishLine() {
        defer { line = [] }
        var text = String(decoding: line, as: UTF8.self)
        if line.contains(0xc2), text.unicodeScalars.contains(noBreakSpace) {
            text = String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == noBreakSpace ? " " : $0 }))
        }
        let end = text.utf8.lastIndex { $0 != space }.map { text.utf8.index(after: $0) } ?? text.startIndex
        append(Line(text: String(text[..<end]), isQuoted: isLineQuoted, indentation: lineIndentations))
    }

    /// Collapses consecutive empty lines into one.
    private mutating func append(_ line: Line) {
        if !line.isBlank || lines.last?.isBlank == false { lines.append(line) }
    }

    private func plainAddress(_ address: String) -> String {
        var address = address.lowercased()[...]
        for scheme in ["mailto:", "tel:", "http://", "https://"] where address.hasPrefix(scheme) {
            address = address.dropFirst(scheme.count)
        }
        return String(address.hasSuffix("/") ? address.dropLast() : address)
    }
}

private let noBreakSpace: Unicode.Scalar = "\u{A0}"
