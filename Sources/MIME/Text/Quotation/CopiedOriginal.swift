/// An original that was copied into the text without marks, or its header if marks follow.
///
/// BUGS: Nothing says where such an original ends, unless it is marked or ruled: an answer below it counts as quoted.
struct CopiedOriginal {
    let lines: Range<Int>

    /// Nil if none starts at that line.
    init?(at start: Int, in lines: [Line], _ attempts: inout Attempts) {
        guard !lines[start].isBlank else { return nil }
        guard !lines[start].isQuoted else {
            // GroupWise marks nothing but its attribution: `>>> Rita Noor <…> 23.11.2026 09:00 >>>`.
            guard Self.isGroupWiseAttribution(lines[start].text) else { return nil }
            self.lines = start + 1..<Self.end(of: start + 1, in: lines)
            return
        }
        guard let (first, below) = Self.beginning(at: start, in: lines, &attempts) else { return nil }
        if let marks = Self.marks(below: below, in: lines) {
            self.lines = first..<marks
        } else {
            self.lines = first..<Self.end(of: below, in: lines)
        }
    }

    /// The first line of the beginning that starts there, a ruled line above included, and the index below it.
    private static func beginning(
        at start: Int, in lines: [Line], _ attempts: inout Attempts
    ) -> (first: Int, below: Int)? {
        let text = lines[start].text
        if OriginalSeparator.isBeginning(text) {
            let next = nextText(from: start + 1, in: lines)
            let header = next.flatMap { next in
                CopiedHeader(at: next, in: lines, isRuled: true)?.end
                    ?? CopiedHeader.endWithoutColons(from: next, in: lines)
            }
            return (start, header ?? start + 1)
        }
        if OriginalSeparator.isOutlooks(text), attempts.use(), let next = nextText(from: start + 1, in: lines),
            let end = CopiedHeader(at: next, in: lines, isRuled: true)?.end
                ?? CopiedHeader.endByShape(from: next, in: lines)
        {
            return (start, end)
        }
        if CopiedHeader.isField(text), attempts.use() {
            let rule = ruleAbove(start, in: lines)
            // A letter that begins as a memo does has no time of day.
            let isBelowText = lines[..<start].suffix(50).contains { !$0.isBlank }
            if let header = CopiedHeader(at: start, in: lines, isRuled: rule != nil), header.hasTime || isBelowText {
                return (rule ?? start, header.end)
            }
        }
        guard Attribution.mayEnd(text), attempts.use(),
            let first = Attribution.startAboveUnmarked(endingAt: start, in: lines)
        else { return nil }
        return (ruleAbove(first, in: lines) ?? first, start + 1)
    }

    /// The ruled line above, if it is not quoted.
    private static func ruleAbove(_ start: Int, in lines: [Line]) -> Int? {
        let above = (max(0, start - 3)..<start).last { !lines[$0].isBlank }
        guard let above, !lines[above].isQuoted else { return nil }
        let text = lines[above].text
        return OriginalSeparator.isRuled(text) || OriginalSeparator.isRuledText(text) ? above : nil
    }

    /// Where the original has marks: the first marked line, if nothing but an attribution stands between.
    private static func marks(below: Int, in lines: [Line]) -> Int? {
        var next = nextText(from: below, in: lines)
        var between = 0
        while let line = next, !lines[line].isQuoted, between < 4 {
            between += 1
            let following = nextText(from: line + 1, in: lines)
            if let following, lines[following].isQuoted {
                return Attribution.endsInColon(lines[line].text) ? following : nil
            }
            next = following
        }
        return next.flatMap { lines[$0].isQuoted ? $0 : nil }
    }

    private static func end(of start: Int, in lines: [Line]) -> Int {
        let end = lines[start...].firstIndex { !$0.isQuoted && OriginalSeparator.isEnd($0.text) }
        return end.map { $0 + 1 } ?? lines.endIndex
    }

    private static func isGroupWiseAttribution(_ text: String) -> Bool {
        guard text.hasPrefix(">>> "), text.utf8.count <= 300 else { return false }
        let inner = text.trimming { "> ".utf8.contains($0) }
        return text.utf8.last == quoteMark && WrittenDate(inner).hasTime
    }

    /// The next line with text, at most four below.
    private static func nextText(from start: Int, in lines: [Line]) -> Int? {
        (start..<min(start + 4, lines.count)).first { !lines[$0].isBlank }
    }
}

/// How often more than one line is looked at for an original: bounds the time for lines that begin like one.
struct Attempts {
    private var left = 1_000

    mutating func use() -> Bool {
        left -= 1
        return left >= 0
    }
}
