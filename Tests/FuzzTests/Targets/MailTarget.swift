import Core

@testable import MIME

enum MailTarget {
    static func run(_ input: [UInt8]) throws {
        let message = Message(raw: input)
        try require("a message is the same whenever it is read", Message(raw: input) == message)
        try requireBounded(message.text, by: input)
        try requireTree(PartTree(input))
        let attachments = MessageAttachments(raw: input)
        try require(
            "attachments are listed in the same order",
            attachments.list.prefix(message.attachments.count).elementsEqual(message.attachments))
        for (index, attachment) in attachments.list.enumerated() {
            try require("an attachment has its size", attachments.content(index).count == attachment.size)
        }
    }

    /// Text may be longer than its source: marks of quotation, addresses of links.
    static func requireBounded(_ blocks: [Message.Block], by input: [UInt8]) throws(FuzzTarget.Broken) {
        let length = Rendition(blocks: blocks).length
        try require(
            "text of \(input.count) bytes shows as a bounded one, not as \(length)",
            length <= 64 * input.count + 4096)
    }

    private static func requireTree(_ tree: PartTree) throws(FuzzTarget.Broken) {
        try require(
            "the header ends where it does for whoever decides",
            !tree.bytes.contains(UInt8(ascii: "\n"))
                || tree.nodes[0].body.lowerBound == HeaderReader.read(tree.bytes).body)
        for (index, node) in tree.nodes.enumerated() {
            try require(
                "a part is in the message",
                0 <= node.header.lowerBound && node.header.upperBound <= node.body.lowerBound
                    && node.body.upperBound <= tree.bytes.count)
            var end = max(node.body.lowerBound, node.prologue.upperBound)
            for child in node.children {
                try require("parents come first", child > index && tree.nodes[child].parent == index)
                // Between two parts there is a boundary alone, so every byte is in one.
                let gap = tree.bytes[end..<max(end, tree.nodes[child].header.lowerBound)]
                try require(
                    "between parts is one boundary",
                    tree.nodes[child].header.lowerBound >= end
                        && gap.drop { $0 == 10 || $0 == 13 }.starts(with: "--".utf8)
                        && !gap.drop { $0 == 10 || $0 == 13 }.dropLast(2).contains(10))
                end = tree.nodes[child].body.upperBound
            }
            try require("parts are in their parent", end <= node.body.upperBound)
        }
    }
}
