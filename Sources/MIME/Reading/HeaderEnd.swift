/// Finds the end of a header that no empty line ends: the first line that is not a field, as Postfix does it too. GMime
/// would drop such lines.
enum HeaderEnd {
    /// The message with an empty line inserted there; unchanged if it has one.
    static func marked(in raw: [UInt8]) -> [UInt8] {
        var position = raw.starts(with: "From ".utf8) ? next(raw, after: 0) : 0
        let first = position
        while position < raw.endIndex {
            let end = next(raw, after: position)
            let line = raw[position..<end]
            if line.allSatisfy({ $0 == carriageReturn || $0 == lineFeed }) { return raw }
            let continues = position > first && (line.first == space || line.first == UInt8(ascii: "\t"))
            guard continues || isField(line) else {
                return Array(raw[..<position] + "\r\n".utf8 + raw[position...])
            }
            position = end
        }
        return raw
    }

    private static func next(_ raw: [UInt8], after position: Int) -> Int {
        raw[position...].firstIndex(of: lineFeed).map { $0 + 1 } ?? raw.endIndex
    }

    /// A name of printable ASCII, optional blanks and a colon (RFC 5322 sections 2.2 and 4.5).
    private static func isField(_ line: ArraySlice<UInt8>) -> Bool {
        let name = line.prefix { (33...126).contains($0) && $0 != UInt8(ascii: ":") }
        return !name.isEmpty
            && line[name.endIndex...].first { $0 != space && $0 != UInt8(ascii: "\t") } == UInt8(ascii: ":")
    }
}
