/// Tells what a writer quoted from what they wrote.
///
/// There are three signs: marked lines (`>`, or a quoting element of an HTML page), the attribution before them ("On …
/// wrote:"), and the header of a copied original, after which everything is quoted.
enum Quotation {
    static func blocks(_ lines: [Line]) -> [Message.Block] {
        var lines = lines
        quoteCopiedOriginal(&lines)
        quoteAttributions(&lines)
        return group(lines)
    }

    /// Marks everything from "-----Original Message-----", or a From, Sent, To, Subject block, as quoted.
    private static func quoteCopiedOriginal(_ lines: inout [Line]) {
        let start = lines.indices.first { index in
            !lines[index].isQuoted
                && (Attribution.isOriginalSeparator(lines[index].text) || Attribution.isCopiedHeader(lines[index...]))
        }
        guard let start else { return }
        for index in start..<lines.endIndex { lines[index].isQuoted = true }
    }

    /// Marks the attribution, or a ruled line, in front of a quotation as part of it.
    private static func quoteAttributions(_ lines: inout [Line]) {
        for start in lines.indices.dropFirst() where lines[start].isQuoted && !lines[start - 1].isQuoted {
            guard let last = (max(0, start - 3)..<start).last(where: { !lines[$0].isBlank }), !lines[last].isQuoted,
                let first = Attribution.start(endingAt: last, in: lines)
            else { continue }
            for index in first..<start { lines[index].isQuoted = true }
        }
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
