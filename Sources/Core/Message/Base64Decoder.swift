/// Reads base64 (RFC 4648) as it is met in mail: padding ends a quantum and not the data, so decoding goes on after it;
/// what is not of the alphabet is passed over (RFC 2045 section 6.8); a last quantum needs no padding.
package struct Base64Decoder {
    /// What is decoded; whoever reads text in clear beside the data may add it.
    package var bytes: [UInt8] = []
    private var bits: UInt32 = 0
    /// Digits of the quantum that is not complete.
    package private(set) var pending = 0

    package init() {}

    package mutating func append(_ byte: UInt8) {
        let digit = Self.digit(byte)
        if digit < 64 {
            bits = bits << 6 | UInt32(digit)
            pending += 1
            guard pending == 4 else { return }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits))
            (bits, pending) = (0, 0)
        } else if byte == UInt8(ascii: "=") {
            endQuantum()
        }
    }

    /// Takes the whole bytes of an incomplete quantum; six bits alone are none.
    package mutating func endQuantum() {
        if pending > 1 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(6 * pending - 8))) }
        if pending > 2 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(6 * pending - 16))) }
        (bits, pending) = (0, 0)
    }

    /// Whether the bits that no byte takes are zero, as an encoder leaves them at the end of its data.
    package var couldEnd: Bool {
        switch pending {
        case 2: bits & 0xf == 0
        case 3: bits & 0x3 == 0
        default: false
        }
    }

    /// The bytes that a run of digits and padding stands for.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8] {
        var decoder = Base64Decoder()
        for byte in text { decoder.append(byte) }
        decoder.endQuantum()
        return decoder.bytes
    }

    /// The value of a digit; 64 for anything else.
    @inline(__always)
    package static func digit(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: 64
        }
    }
}
