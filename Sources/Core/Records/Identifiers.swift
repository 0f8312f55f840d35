/// A company, the tenant. Positive; 8 bytes in a marker.
public struct CompanyID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public var description: String { String(rawValue) }
}

/// A thread of one candidate's correspondence. Positive and random; 8 bytes in a marker.
public struct ThreadID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public var description: String { String(rawValue) }

    public static func random() -> ThreadID {
        ThreadID(rawValue: .random(in: 1...Int64.max))
    }
}

/// A candidate of a company. Positive.
public struct CandidateID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public var description: String { String(rawValue) }
}

/// Our own name for one captured message: an entry on a timeline. A UUID of version 7 (RFC 9562), so that entries
/// sort by time. Not the mail's Message-ID, which others choose.
public struct EntryID: Hashable, Sendable, CustomStringConvertible {
    /// 16 bytes.
    public let bytes: [UInt8]

    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// The 8-4-4-4-12 form, hyphens wherever they stand or missing.
    public init?(_ text: String) {
        guard let bytes = [UInt8](hex: text.filter { $0 != "-" }) else { return nil }
        self.init(bytes: bytes)
    }

    public static func make(at time: Timestamp) -> EntryID {
        var writer = ByteWriter()
        writer.integer(UInt64(bitPattern: time.milliseconds) << 16 | 0x7000 | UInt64.random(in: 0...0x0fff))
        writer.integer(UInt64.random(in: 0...UInt64.max) >> 2 | 1 << 63)
        return EntryID(bytes: writer.bytes)!
    }

    public var description: String {
        var text = bytes.hex
        for place in [20, 16, 12, 8] { text.insert("-", at: text.utf8.index(text.startIndex, offsetBy: place)) }
        return text
    }
}
