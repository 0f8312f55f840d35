/// Tells what a writer quoted from what they wrote.
///
/// There are three signs: marked lines (`>`, or a quoting element of an HTML page), the attribution before them ("On
/// … wrote:"), and the header of a copied original. Where the original has no marks of its own, everything below its
/// header is quoted; where it has, what stands below them is not.
enum Quotation {
    static func blocks(_ lines: [Line]) -> [Message.Block] {
        var lines = lines
        joinBrokenAttributions(&lines)
        decideIndentation(&lines)
        quoteCopiedOriginals(&lines)
        quoteAttributions(&lines)
        return group(lines)
    }

    /// Takes the mark from lines that begin with the end of an address.
    private static func joinBrokenAttributions(_ lines: inout [Line]) {
        for index in lines.indices.dropFirst() where lines[index].isQuoted && !lines[index - 1].isQuoted {
            if Attribution.isBroken(lines[index].text, after: lines[index - 1].text) { lines[index].isQuoted = false }
        }
    }

    /// Indentation of HTML pages (`blockquote` without a sign of whose it is) counts as quotation if an attribution
    /// stands above any of it.
    private static func decideIndentation(_ lines: inout [Line]) {
        let isQuotation = lines.indices.dropFirst().contains { start in
            lines[start].indentation > 0 && lines[start - 1].indentation == 0
                && attribution(above: start, in: lines) != nil
        }
        guard isQuotation else { return }
        for index in lines.indices where lines[index].indentation > 0 { lines[index].quoteIndentation() }
    }

    /// Marks what is copied without marks, from "-----Original Message-----", a From, Sent, To, Subject block, or an
    /// attribution on.
    private static func quoteCopiedOriginals(_ lines: inout [Line]) {
        var attempts = Attempts()
        var index = 0
        while index < lines.count {
            guard let copy = CopiedOriginal(at: index, in: lines, &attempts) else {
                index += 1
                continue
            }
            for line in copy.lines { lines[line].isQuoted = true }
            index = copy.lines.upperBound
        }
    }

    /// Marks the attribution, or a ruled line, in front of a quotation as part of it.
    private static func quoteAttributions(_ lines: inout [Line]) {
        var quotations = 0
        for start in lines.indices.dropFirst() where lines[start].isQuoted && !lines[start - 1].isQuoted {
            quotations += 1
            // More are shown as one text.
            guard quotations <= ReadingLimits.blocks else { break }
            guard let first = attribution(above: start, in: lines) else { continue }
            for index in first..<start { lines[index].isQuoted = true }
        }
    }

    /// The first line of what belongs to the quotation that starts there.
    private static func attribution(above start: Int, in lines: [Line]) -> Int? {
        guard let last = (max(0, start - 3)..<start).last(where: { !lines[$0].isBlank }), !lines[last].isQuoted else {
            return nil
        }
        return Attribution.start(endingAt: last, in: lines)
    }

    private static func group(_ lines: [Line]) -> [Message.Block] {
        var blocks: [Message.Block] = []
        var run: ArraySlice<Line> = []
        func close() {
            // Empty lines at either end are only layout.
            while run.first?.isBlank == true { run.removeFirst() }
            while run.last?.isBlank == true { run.removeLast() }
            guard let first = run.first else { return }
            let text = run.map(\.text).joined(separator: "\n")
            blocks.append(first.isQuoted ? .quoted(text, lines: run.count) : .text(text))
        }
        for index in lines.indices {
            // A blank line belongs to the block before it.
            if lines[index].isBlank || run.isEmpty || lines[index].isQuoted == run.first!.isQuoted {
                run = lines[run.isEmpty ? index..<index + 1 : run.startIndex..<index + 1]
            } else {
                close()
                run = lines[index..<index + 1]
            }
        }
        close()
        return blocks
    }
}
