@testable import MIME

enum MailTarget {
    static func run(_ input: [UInt8]) throws {
        let message = Message(raw: input)
        try require("a message is the same whenever it is read", Message(raw: input) == message)
        try requireBounded(message.text, by: input)
    }

    /// Text may be longer than its source: marks of quotation, addresses of links.
    static func requireBounded(_ blocks: [Message.Block], by input: [UInt8]) throws(FuzzTarget.Broken) {
        let length = Rendition(blocks: blocks).length
        try require(
            "text of \(input.count) bytes shows as a bounded one, not as \(length)",
            length <= 64 * input.count + 4096)
    }
}
