import Glibc

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

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// What `description` can say, and the database keep: up to the year 9999. A time that was read from a file is
    /// checked against it.
    public static let supported = Timestamp(milliseconds: 0)...Timestamp(milliseconds: 253_402_300_799_999)

    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    /// RFC 3339, UTC, to the millisecond: `2026-11-24T09:30:00.000Z`.
    public var description: String {
        var seconds = time_t(milliseconds / 1000)
        var fields = tm()
        gmtime_r(&seconds, &fields)
        func digits(_ value: some BinaryInteger, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(digits(fields.tm_year + 1900, 4))-\(digits(fields.tm_mon + 1, 2))-\(digits(fields.tm_mday, 2))"
            + "T\(digits(fields.tm_hour, 2)):\(digits(fields.tm_min, 2)):\(digits(fields.tm_sec, 2))"
            + ".\(digits(milliseconds % 1000, 3))Z"
    }
}
