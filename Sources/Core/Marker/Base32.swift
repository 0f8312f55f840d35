/// Base32 (RFC 4648 section 6), lowercase and without padding: digits that survive in the local part of a message id.
public enum Base32 {
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    private static let values: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 256)
        for (value, digit) in alphabet.enumerated() {
            table[Int(digit)] = UInt8(value)
            if digit >= UInt8(ascii: "a") { table[Int(digit & ~0x20)] = UInt8(value) }
        }
        return table
    }()

    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                digits.append(alphabet[Int(bits >> count) & 31])
            }
        }
        if count > 0 { digits.append(alphabet[Int(bits << (5 - count)) & 31]) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Accepts either case, since some mail systems change it. Returns nil for any other character, an impossible
    /// length, or left-over bits that are not zero: each value has one encoding.
    public static func decode(_ digits: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for digit in digits {
            guard let value = values[Int(digit)] else { return nil }
            bits = bits << 5 | UInt32(value)
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        guard count < 5, bits & (1 << count - 1) == 0 else { return nil }
        return bytes
    }
}
