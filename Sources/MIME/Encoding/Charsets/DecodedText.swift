/// Text while it is decoded. Owned by one call of a decoder.
struct DecodedText {
    private var utf8: [UInt8] = []
    /// Places where bytes fit no character; each shows as U+FFFD.
    private(set) var errors = 0

    /// For text of that many bytes.
    init(capacity: Int) { utf8.reserveCapacity(capacity + capacity / 2) }

    var string: String { String(decoding: utf8, as: UTF8.self) }

    @inline(__always)
    mutating func append(ascii byte: UInt8) { utf8.append(byte) }

    /// A code point that is no surrogate; `CodePointTable.none` is an error.
    @inline(__always)
    mutating func append(_ codePoint: UInt32) {
        switch codePoint {
        case 1..<0x80: utf8.append(UInt8(truncatingIfNeeded: codePoint))
        case 0x80..<0x800:
            utf8.append(0xc0 | UInt8(truncatingIfNeeded: codePoint >> 6))
            utf8.append(0x80 | UInt8(truncatingIfNeeded: codePoint) & 0x3f)
        case 0x800..<0x1_0000:
            utf8.append(0xe0 | UInt8(truncatingIfNeeded: codePoint >> 12))
            utf8.append(0x80 | UInt8(truncatingIfNeeded: codePoint >> 6) & 0x3f)
            utf8.append(0x80 | UInt8(truncatingIfNeeded: codePoint) & 0x3f)
        case 0x1_0000..<0x11_0000:
            utf8.append(0xf0 | UInt8(truncatingIfNeeded: codePoint >> 18))
            utf8.append(0x80 | UInt8(truncatingIfNeeded: codePoint >> 12) & 0x3f)
            utf8.append(0x80 | UInt8(truncatingIfNeeded: codePoint >> 6) & 0x3f)
            utf8.append(0x80 | UInt8(truncatingIfNeeded: codePoint) & 0x3f)
        default: appendError()
        }
    }

    mutating func appendError() {
        errors += 1
        utf8 += [0xef, 0xbf, 0xbd]
    }

    mutating func append(utf8 bytes: some Sequence<UInt8>) { utf8 += bytes }
}
