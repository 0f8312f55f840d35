/// Turns text in UTF-16, as Windows programs save it, into UTF-8 while it is read. Half a surrogate pair becomes
/// U+FFFD.
struct UTF16Text {
    private let isBigEndian: Bool
    private var half: UInt8?
    private var high: UInt16?

    /// Bytes of the byte order mark.
    static let markLength = 2

    /// Nil if a file with these first bytes has no byte order mark of UTF-16.
    init?(start: [UInt8]) {
        switch start.prefix(2) {
        case [0xff, 0xfe]: isBigEndian = false
        case [0xfe, 0xff]: isBigEndian = true
        default: return nil
        }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        for byte in bytes {
            guard let first = half else {
                half = byte
                continue
            }
            half = nil
            append(isBigEndian ? UInt16(first) << 8 | UInt16(byte) : UInt16(byte) << 8 | UInt16(first), to: &text)
        }
    }

    /// To be called at the end of the file.
    mutating func finish(_ text: inout [UInt8]) {
        if half != nil || high != nil { Self.append("\u{fffd}", to: &text) }
        (half, high) = (nil, nil)
    }

    private mutating func append(_ unit: UInt16, to text: inout [UInt8]) {
        if let high {
            self.high = nil
            if (0xdc00...0xdfff).contains(unit) {
                let scalar = 0x10000 + (UInt32(high) - 0xd800) << 10 + UInt32(unit) - 0xdc00
                Self.append(Unicode.Scalar(scalar)!, to: &text)
                return
            }
            Self.append("\u{fffd}", to: &text)
        }
        if (0xd800...0xdbff).contains(unit) {
            high = unit
        } else {
            Self.append(Unicode.Scalar(unit) ?? "\u{fffd}", to: &text)
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
        text.append(contentsOf: UTF8.encode(scalar)!)
    }
}
