/// Where the message is in a file of Apple Mail (.emlx): behind a line with its length in bytes, before a property list
/// of Apple's. Apple publishes no description; the form is that of the files.
struct EmlxFrame {
    /// Bytes of the file.
    let message: Range<Int>

    /// Bytes of a file in which its first line is.
    static let startLength = 64
    /// Bytes behind the message that tell what follows it.
    static let endLength = 16

    /// Nil for a file of another kind. `start` are its first bytes.
    init?(start: [UInt8]) {
        let digits = start.prefix { (0x30...0x39).contains($0) }
        let rest = start.dropFirst(digits.count).drop { $0 == 0x20 || $0 == 9 }
        let end = rest.first == 13 ? rest.dropFirst() : rest
        guard !digits.isEmpty, end.first == 10, let length = Int(String(decoding: digits, as: UTF8.self)), length > 0,
            length < Int.max / 2
        else { return nil }
        message = end.startIndex + 1..<end.startIndex + 1 + length
    }

    /// Whether a property list begins there, or the file ends: otherwise the length is not that of the message, and it
    /// would be cut.
    static func isEnd(_ bytes: [UInt8]) -> Bool {
        let rest = bytes.drop { $0 == 10 || $0 == 13 || $0 == 0x20 || $0 == 9 }
        return rest.isEmpty
            || ["<?xml", "<!DOCTYPE", "<plist", "bplist"].contains { rest.starts(with: $0.utf8) }
    }
}
