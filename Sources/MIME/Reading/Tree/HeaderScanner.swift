import Core

/// Finds the end of a part's header.
///
/// A message's header ends at the first line that is no field, as Postfix and `HeaderReader` have it. A part's goes on
/// if it says what the part is behind such a line; that line is kept.
///
/// A plain value that takes one line after the other.
struct HeaderScanner {
    struct Header {
        var range: Range<Int>
        /// Lines that are no fields.
        var strays: [Range<Int>]
    }

    private let bytes: [UInt8]
    private let isMessage: Bool
    private let start: Int
    private var strays: [Range<Int>] = []
    private var hasFields = false
    /// Whether the last line was no field, nor part of one.
    private var isStray = false
    /// A field that says what a part is.
    private var hasContentField = false
    private var hasContentFieldBehindStrays = false
    /// A field that no part has, unless it is its text.
    private var hasOtherField = false

    init(_ bytes: [UInt8], at start: Int, isMessage: Bool) {
        self.bytes = bytes
        self.isMessage = isMessage
        self.start = start
    }

    /// The header, and where the body begins, once the line tells. `next` is where the line after it begins.
    mutating func take(_ line: Range<Int>, next: Int) -> (Header, body: Int)? {
        let text = bytes[line]
        guard let first = text.first else { return decide(at: line.lowerBound, body: next) }
        if first.isBlank, hasFields || isStray {
            if isStray { addStray(line) }
            return nil
        }
        if isMessage, !hasFields, text.starts(with: "From ".utf8) { return nil }
        guard let name = FieldName(startOf: text) else {
            if isMessage { return (Header(range: start..<line.lowerBound, strays: []), line.lowerBound) }
            addStray(line)
            return nil
        }
        take(name: text.prefix(name.length))
        return nil
    }

    /// The header that a boundary or the end of the message ends.
    mutating func finish(at end: Int) -> (Header, body: Int) { decide(at: end, body: end) }

    private mutating func take(name: ArraySlice<UInt8>) {
        hasFields = true
        isStray = false
        let start = name.prefix(8).map { $0 | 0x20 }
        if start.starts(with: "content-".utf8) {
            hasContentField = true
            if !strays.isEmpty { hasContentFieldBehindStrays = true }
        } else if !start.starts(with: "x-".utf8) {
            hasOtherField = true
        }
    }

    private mutating func addStray(_ line: Range<Int>) {
        isStray = true
        strays.append(line)
    }

    private func decide(at end: Int, body: Int) -> (Header, body: Int) {
        // The sender left out the header: what looks like a field may be text ("Note: …").
        if !isMessage, !hasContentField, hasOtherField { return (Header(range: start..<start, strays: []), start) }
        if let stray = strays.first?.lowerBound, !hasContentFieldBehindStrays {
            return (Header(range: start..<stray, strays: []), stray)
        }
        return (Header(range: start..<end, strays: strays), body)
    }
}
