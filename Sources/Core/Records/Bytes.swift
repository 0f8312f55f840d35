/// Big-endian serialisation for the project's own small binary formats: binding record, spool file, routing snapshot.
///
/// A plain value; grows as it is written to.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func integer<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Bytes whose length the reader knows already.
    public mutating func raw(_ value: some Sequence<UInt8>) {
        bytes.append(contentsOf: value)
    }

    /// A 32-bit length and then the bytes.
    public mutating func lengthPrefixed(_ value: some Collection<UInt8>) {
        integer(UInt32(value.count))
        bytes.append(contentsOf: value)
    }
}

/// Reads what `ByteWriter` wrote. Every read is checked, since bytes from a disk may be truncated or damaged.
public struct ByteReader: Sendable {
    /// The bytes end early, or hold a value that is never written.
    public struct Malformed: Error {
        public init() {}
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    public init(_ bytes: some Collection<UInt8>) {
        self.bytes = ArraySlice(bytes)
        position = self.bytes.startIndex
    }

    public var isAtEnd: Bool { position == bytes.endIndex }

    public mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(Malformed) -> T {
        let count = T.bitWidth / 8
        guard bytes.endIndex - position >= count else { throw Malformed() }
        defer { position += count }
        return bytes[position..<position + count].reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }

    public mutating func raw(_ count: Int) throws(Malformed) -> [UInt8] {
        guard count >= 0, bytes.endIndex - position >= count else { throw Malformed() }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    public mutating func lengthPrefixed() throws(Malformed) -> [UInt8] {
        try raw(Int(integer(UInt32.self)))
    }
}

extension Sequence<UInt8> {
    /// Lowercase hexadecimal, two digits per byte.
    public var hex: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * underestimatedCount)
        for byte in self {
            digits.append(hexDigits[Int(byte >> 4)])
            digits.append(hexDigits[Int(byte & 15)])
        }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Hexadecimal digits of either case, an even number of them; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8.map(\.hexDigitValue)
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0]! << 4 | digits[$0 + 1]! }
    }
}

private let hexDigits = Array("0123456789abcdef".utf8)

extension UInt8 {
    /// The value of a hexadecimal digit of either case.
    package var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Lower case for ASCII letters; other bytes are unchanged.
    @inlinable
    public var asciiLowercased: UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self
    }
}
