import Glibc

/// Finds the lines of a message, which end in LF or CRLF; in a body in a lone CR too, as old programs write it.
///
/// A plain value. The work is linear.
struct LineScanner {
    private let bytes: [UInt8]
    private let end: Int
    /// Where the next line begins.
    private(set) var position: Int
    /// Whether a CR without LF ends a line.
    var endsAtCarriageReturn = true
    /// The next LF at or behind `position`; `end` if there is none.
    private var nextLineFeed: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        end = range.upperBound
        position = range.lowerBound
        nextLineFeed = range.lowerBound
        nextLineFeed = find(lineFeed, from: range.lowerBound, to: end) ?? end
    }

    var hasLineFeed: Bool { nextLineFeed < end }

    /// The next line without its end.
    mutating func next() -> Range<Int>? {
        guard position < end else { return nil }
        let start = position
        if nextLineFeed < position { nextLineFeed = find(lineFeed, from: position, to: end) ?? end }
        if endsAtCarriageReturn, let found = find(carriageReturn, from: start, to: nextLineFeed) {
            position = found + 1
            // CR CR LF is what a program makes of CRLF that writes CRLF for each LF.
            let last = min(found + 2, nextLineFeed)
            if nextLineFeed < end, nextLineFeed <= found + 2, bytes[found..<last].allSatisfy({ $0 == carriageReturn }) {
                position = nextLineFeed + 1
            }
            return start..<found
        }
        position = min(nextLineFeed + 1, end)
        let isCRLF = nextLineFeed < end && nextLineFeed > start && bytes[nextLineFeed - 1] == carriageReturn
        return start..<(isCRLF ? nextLineFeed - 1 : nextLineFeed)
    }

    private func find(_ byte: UInt8, from start: Int, to end: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let found = memchr(base + start, Int32(byte), end - start) else {
                return nil
            }
            return UnsafeRawPointer(found) - base
        }
    }
}
