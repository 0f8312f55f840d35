/// The bytes of text parts that may still be looked at while one message is rendered.
///
/// Owned by the rendering of one message, on one thread.
struct SourceBudget {
    private var left = ReadingLimits.source
    /// Bytes that were not looked at.
    private(set) var omitted = 0

    /// The part of the bytes that is within the budget; it ends with a line, so that no character is cut in two.
    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > left else {
            left -= bytes.count
            return bytes
        }
        let part = bytes.prefix(left)
        let end = (part.lastIndex(of: lineFeed) ?? part.lastIndex { $0 < 0x80 }).map { $0 + 1 } ?? 0
        let taken = bytes.prefix(end)
        omitted += bytes.count - taken.count
        left = 0
        return Array(taken)
    }
}
