/// The fields of a message or part that is composed, folded (RFC 5322 section 2.2.3). A plain value.
///
/// No text that is given begins a field: ends of lines and control characters become blanks.
struct OutgoingHeader {
    /// Characters of a line, without CRLF, that are not exceeded where there is a place to fold (RFC 5322 section
    /// 2.1.1).
    static let lineLimit = 78

    /// Each field ends in CRLF. Without the empty line after the last one.
    private(set) var bytes: [UInt8] = []

    /// A field of words that stand as they are, separated by a blank or a fold: ids, dates, parameters. The first one
    /// is never folded off the field's name, since programs that read ids do not expect it there.
    mutating func add(_ name: String, tokens: [String]) {
        var line = "\(name):"
        for (index, token) in tokens.map(Self.ascii).enumerated() {
            if index > 0, line.utf8.count + 1 + token.utf8.count > Self.lineLimit {
                bytes += Array("\(line)\r\n".utf8)
                line = ""
            }
            line += " \(token)"
        }
        bytes += Array("\(line)\r\n".utf8)
    }

    /// Unstructured text.
    mutating func add(_ name: String, text: String) {
        let text = Self.oneLine(text)
        guard WordEncoder.isPlain(text, after: name.utf8.count + 2) else {
            append("\(name):", words: WordEncoder.words(text, after: name.utf8.count + 2))
            return
        }
        append("\(name):", words: text.split(separator: " ").map(String.init))
    }

    /// One mailbox (RFC 5322 section 3.4). Its address may be in UTF-8 (RFC 6532).
    mutating func add(_ name: String, _ mailbox: OutgoingMessage.Mailbox) {
        let display = Self.oneLine(mailbox.name)
        let address = "<\(Self.oneLine(mailbox.address).filter { $0 != "<" && $0 != ">" })>"
        append("\(name):", words: (display.isEmpty ? [] : Self.phrase(display, after: name.utf8.count + 2)) + [address])
    }

    /// Words, separated by a blank or a fold.
    private mutating func append(_ start: String, words: [String]) {
        var line = start
        for word in words {
            if line.utf8.count + 1 + word.utf8.count > Self.lineLimit, line != start {
                bytes += Array("\(line)\r\n".utf8)
                line = ""
            }
            line += " \(word)"
        }
        bytes += Array("\(line)\r\n".utf8)
    }

    /// A display name: words as they are, a quoted string, or encoded words.
    private static func phrase(_ name: String, after length: Int) -> [String] {
        guard name.allSatisfy(\.isASCII), !name.contains("=?"), name.utf8.count <= 60 else {
            return WordEncoder.words(name, after: length)
        }
        let words = name.split(separator: " ", omittingEmptySubsequences: false)
        if words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isAtomByte) }) { return words.map(String.init) }
        return [quoted(name)]
    }

    /// A quoted string (RFC 5322 section 3.2.4).
    static func quoted(_ text: String) -> String {
        "\"\(text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined())\""
    }

    /// `atext` (RFC 5322 section 3.2.3).
    private static func isAtomByte(_ byte: UInt8) -> Bool {
        0x21...0x7e ~= byte && !"()<>[]:;@\\,.\"".utf8.contains(byte)
    }

    /// The text with blanks for control characters and ends of lines.
    static func oneLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isLineEnd = [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
            line.append(isLineEnd ? " " : scalar)
        }
        return String(line)
    }

    private static func ascii(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { 0x20...0x7e ~= $0.value ? $0 : " " }))
    }
}
