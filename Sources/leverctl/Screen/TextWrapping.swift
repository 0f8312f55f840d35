import System

extension String {
    /// The text with each line that is wider than a terminal broken where words end, or between characters of scripts
    /// that have no blanks (Chinese, Japanese). A word that is wider stays whole, so that an address can be copied. The
    /// marks of a quotation and blanks at the start of a line stand before what is broken off too. Expects printable
    /// text.
    func wrapped(to columns: Int?) -> String {
        guard let columns else { return self }
        return split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                let line = line.withoutTabs
                return line.columns <= columns ? line : TextWrapping(columns).broken(line[...])
            }.joined(separator: "\n")
    }
}

extension Substring {
    /// The line with blanks to the next of a terminal's tab stops, which are at every eighth column.
    fileprivate var withoutTabs: String {
        guard utf8.contains(UInt8(ascii: "\t")) else { return String(self) }
        var (line, width) = ("", 0)
        for part in split(separator: "\t", omittingEmptySubsequences: false) {
            if part.startIndex > startIndex {
                line += String(repeating: " ", count: 8 - width % 8)
                width += 8 - width % 8
            }
            line += part
            width += part.columns
        }
        return line
    }
}

private struct TextWrapping {
    private let limit: Int

    init(_ limit: Int) { self.limit = limit }

    /// Breaks one line.
    func broken(_ line: Substring) -> String {
        let prefix = line.prefix { " \t>|".contains($0) }
        // What belongs to an item of a list stands below its text.
        let item = line[prefix.endIndex...].prefixMatch(of: /(?:[-*•]|[0-9]{1,3}[.)]) +/)?.output ?? ""
        // An indentation that leaves too little room is not repeated.
        let indent =
            prefix.columns + item.columns <= limit / 2
            ? String(prefix) + String(repeating: " ", count: item.columns) : ""
        var lines: [String] = []
        var (current, width) = (String(prefix), prefix.columns)
        var blanks = ""
        for piece in Self.pieces(of: line[prefix.endIndex...]) {
            if piece.first == " " {
                blanks = String(piece)
                continue
            }
            let needed = piece.columns
            if width + blanks.utf8.count + needed > limit, width > indent.columns {
                lines.append(current)
                (current, width) = (indent, indent.columns)
            } else {
                current += blanks
                width += blanks.utf8.count
            }
            blanks = ""
            current += piece
            width += needed
        }
        lines.append(current)
        return lines.joined(separator: "\n")
    }

    /// Runs of blanks, words, and single wide characters with what may not be torn from them.
    private static func pieces(of line: Substring) -> [Substring] {
        var pieces: [Substring] = []
        var (start, previous) = (line.startIndex, nil as Kind?)
        for index in line.indices {
            let kind = Kind(line[index])
            if let previous, Kind.canBreak(previous, kind) {
                pieces.append(line[start..<index])
                start = index
            }
            previous = kind
        }
        if start < line.endIndex { pieces.append(line[start...]) }
        return pieces
    }

    private enum Kind {
        case blank, word
        /// A wide character; one that may not begin a line; one that may not end one.
        case wide, closing, opening

        init(_ character: Character) {
            if character == " " {
                self = .blank
            } else if character.isASCII || String(character).columns < 2 {
                self = .word
            } else if "、。，．・：；？！）］｝〉》」』】〕〗ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々".contains(character) {
                self = .closing
            } else {
                self = "（［｛〈《「『【〔〖".contains(character) ? .opening : .wide
            }
        }

        static func canBreak(_ one: Kind, _ other: Kind) -> Bool {
            if one == .blank || other == .blank { return one != other }
            if one == .word && other == .word { return false }
            return one != .opening && other != .closing
        }
    }
}
