import Core

/// The name of a spool file. That of an entry takes 16 bytes and no allocation, since very many may be waiting.
enum SpoolFileName: Hashable {
    case entry(UInt64, UInt64)
    /// A file that somebody put there by hand.
    case other(String)

    init(_ text: String) {
        guard let entry = EntryID(text), entry.description == text else {
            self = .other(text)
            return
        }
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        self = .entry(number(entry.bytes[..<8]), number(entry.bytes[8...]))
    }

    var text: String {
        switch self {
        case .entry(let high, let low):
            var writer = ByteWriter()
            writer.integer(high)
            writer.integer(low)
            return EntryID(bytes: writer.bytes)!.description
        case .other(let text):
            return text
        }
    }
}

extension SpoolFileName: Comparable {
    /// Entries by time, then whatever else there is.
    static func < (one: SpoolFileName, other: SpoolFileName) -> Bool {
        switch (one, other) {
        case (.entry(let high, let low), .entry(let otherHigh, let otherLow)): (high, low) < (otherHigh, otherLow)
        case (.entry, .other): true
        case (.other, .entry): false
        case (.other(let one), .other(let other)): one < other
        }
    }
}
