import Mailboxes

/// A file of mail. The first byte selects the format.
enum StoreTarget {
    static func run(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        let file = try AnonymousFile(Array(input.dropFirst()))
        guard let source = try? MailSource(file.path, format: [.eml, .mbox, .mboxo, nil][Int(first) % 4]) else {
            return
        }
        var (messages, bytes) = (0, 0)
        while let item = source.next() {
            messages += 1
            guard case .message(let message) = item else { continue }
            var headerSize = 0
            do {
                try message.readHeader(limit: 1000) { name, value in
                    headerSize += name.count + value.count
                }
                try message.readBody { bytes += $0.count }
            } catch is MailFileError {
                continue
            }
            bytes += headerSize
        }
        // What gzip compressed may be more; nobody else makes a byte out of nothing but CR and the last line's end.
        let isCompressed = input.dropFirst().starts(with: [0x1f, 0x8b])
        try require("messages begin somewhere", messages <= input.count)
        try require("nothing comes of nothing", isCompressed || bytes <= 3 * input.count)
    }
}
