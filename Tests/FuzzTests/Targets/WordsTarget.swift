@testable import MIME

/// The input is the value of a header field, read as text and as addresses.
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
        if input.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "=") }) {
            try require("plain text stays as it is", text.utf8.elementsEqual(input))
        }
        let shown = Message(raw: raw)
        for field in [shown.subject, shown.from] {
            try require("what is shown is bounded", field.utf8.count <= ReadingLimits.field + 3)
        }
    }
}
