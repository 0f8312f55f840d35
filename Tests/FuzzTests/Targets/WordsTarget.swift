@testable import MIME

/// The input is the value of a header field, read as text, as addresses and as a type with parameters; and text that is
/// written and read back.
enum WordsTarget {
    static func run(_ input: [UInt8]) throws {
        // A line end would end the field, unless it is folded.
        let value = input.map { $0 == 10 || $0 == 13 || $0 == 0 ? 0x20 : $0 }
        let raw = Array("Subject: ".utf8) + value + Array("\r\nFrom: ".utf8) + value + Array("\r\n\r\n".utf8)
        let header = MessageHeader(raw)
        let (text, addresses) = (header.text("Subject").text, header.mailboxes("From").text)
        try require("a field reads the same each time", MessageHeader(raw).text("Subject").text == text)
        // An unlabelled byte, or one in a word, is at most one character; a name is quoted, and its address in
        // brackets.
        try require(
            "decoded text is bounded, not \(text.utf8.count) of \(input.count)",
            text.utf8.count <= 12 * input.count + 64)
        try require(
            "addresses are bounded, not \(addresses.utf8.count) of \(input.count)",
            addresses.utf8.count <= 24 * input.count + 64)
        if input.count <= ReadingLimits.field,
            input.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "=") })
        {
            try require("plain text stays as it is", text.utf8.elementsEqual(input))
        }
        try runParameters(input)
        try runRoundTrips(String(decoding: input, as: UTF8.self))
        let shown = Message(raw: raw)
        for field in [shown.subject, shown.from] {
            try require("what is shown is bounded", field.utf8.count <= ReadingLimits.field + 3)
        }
    }

    private static func runParameters(_ input: [UInt8]) throws {
        for charset in [nil, "koi8-r", "iso-2022-jp"] {
            let text = HeaderText.decode(input, charset: charset)
            try require("text is one line", HeaderText.oneLine(text) == text && !text.utf8.contains(0x0a))
            for field in [input, Array("attachment; filename=".utf8) + input, Array("a/b; name*0*=".utf8) + input] {
                let field = ContentField(field, charset: charset)
                try require("a value has no blanks", field.value.utf8.allSatisfy { $0 > 0x20 })
                for name in [field["filename"], field["name"]] {
                    guard let name else { continue }
                    try require("a name is one line", HeaderText.oneLine(name) == name)
                    try require("a name is bounded", name.utf8.count <= 12 * input.count + 64)
                }
            }
        }
    }

    private static func runRoundTrips(_ text: String) throws {
        // Escape sequences make it ISO-2022-JP, whatever the label.
        let line = HeaderText.oneLine(text).filter { $0 != "\u{1b}" }
        let words = WordEncoder.words(line, after: 9).joined(separator: "\r\n ")
        try require("words read as they were written", HeaderText.decode(words.utf8) == line)
        let escaped = line.utf8.map { "%" + String($0, radix: 16).leftPadded }.joined()
        let field = ContentField("attachment; filename=x; filename*=utf-8'en'\(escaped)".utf8)
        try require("a parameter reads as it was written", field["filename"] == line)
        let quoted = line.filter { $0 != "\"" && $0 != "\\" }
        if quoted.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "'") }) {
            let field = ContentField("a/b; x=\"y\"; name=\"\(quoted)\"".utf8)
            try require("a quoted name reads as it was written", field["name"] == quoted)
        }
    }
}

extension String {
    fileprivate var leftPadded: String { count < 2 ? "0" + self : self }
}
