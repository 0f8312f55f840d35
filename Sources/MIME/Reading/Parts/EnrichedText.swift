/// Reads text/enriched (RFC 1896) and the text/richtext before it (RFC 1341) as plain text.
enum EnrichedText {
    /// Without the commands; excerpts are marked with `>`.
    static func plain(_ text: String) -> String {
        var reader = Reader()
        reader.read(Array(text.utf8))
        while reader.output.last == space { reader.output.removeLast() }
        return String(decoding: reader.output, as: UTF8.self)
    }

    private struct Reader {
        var output: [UInt8] = []
        private var excerpts = 0
        private var unfilled = 0
        /// Inside a command's parameter.
        private var parameters = 0
        private var isLineStart = true

        mutating func read(_ bytes: [UInt8]) {
            var position = 0
            while position < bytes.count {
                let byte = bytes[position]
                if byte == UInt8(ascii: "<") {
                    position = command(bytes, at: position)
                } else if byte == lineFeed || byte == carriageReturn {
                    position = lineEnds(bytes, at: position)
                } else {
                    put(byte)
                    position += 1
                }
            }
        }

        /// One line end is a space; of several all but one count (RFC 1896, "Filling").
        private mutating func lineEnds(_ bytes: [UInt8], at start: Int) -> Int {
            var (position, count) = (start, 0)
            while position < bytes.count, bytes[position] == lineFeed || bytes[position] == carriageReturn {
                if bytes[position] == lineFeed || position + 1 == bytes.count || bytes[position + 1] != lineFeed {
                    count += 1
                }
                position += 1
            }
            if unfilled == 0, count == 1 {
                put(space)
            } else {
                for _ in 0..<(unfilled > 0 ? count : count - 1) { breakLine() }
            }
            return position
        }

        private mutating func command(_ bytes: [UInt8], at start: Int) -> Int {
            let rest = bytes[(start + 1)...]
            if rest.first == UInt8(ascii: "<") {
                put(UInt8(ascii: "<"))
                return start + 2
            }
            // A command has at most 60 characters.
            guard let end = rest.prefix(62).firstIndex(of: UInt8(ascii: ">")) else {
                put(UInt8(ascii: "<"))
                return start + 1
            }
            let name = String(decoding: bytes[start + 1..<end], as: UTF8.self).lowercased()
            let step = name.hasPrefix("/") ? -1 : 1
            switch name.drop(while: { $0 == "/" }) {
            case "excerpt":
                if !isLineStart { breakLine() }
                excerpts = min(max(0, excerpts + step), ReadingLimits.quoteDepth)
            case "nofill": unfilled = max(0, unfilled + step)
            case "param": parameters = max(0, parameters + step)
            case "nl": breakLine()
            case "paragraph" where step < 0: breakLine()
            case "lt": put(UInt8(ascii: "<"))
            default: break
            }
            return end + 1
        }

        private mutating func put(_ byte: UInt8) {
            guard parameters == 0 else { return }
            if isLineStart, excerpts > 0 {
                output += Array(repeating: quoteMark, count: excerpts)
                output.append(space)
            }
            isLineStart = false
            output.append(byte)
        }

        private mutating func breakLine() {
            output.append(lineFeed)
            isLineStart = true
        }
    }
}
