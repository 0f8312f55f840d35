import IDNA

/// A mail domain in its normal form: ASCII (an internationalised one as A-labels), lower case, no final dot, two labels
/// at least (RFC 1035 section 2.3.1 with RFC 1123 section 2.1).
public struct Domain: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public var description: String { text }

    /// Takes a domain as people write it: either case, internationalised or not, with a final dot or without. Nil for what
    /// is no domain.
    public init?(_ text: some StringProtocol) {
        guard let normal = Self.normalForm(Array(text.utf8)), normal.utf8.contains(UInt8(ascii: ".")),
            normal.utf8.elementsEqual(normal.utf8.filter { $0 != UInt8(ascii: "_") })
        else { return nil }
        self.text = normal
    }

    /// Also takes one label alone, and underscores, as domains of real addresses have them.
    static func normalForm(_ bytes: some Collection<UInt8>) -> String? {
        guard bytes.count <= 1024 else { return nil }
        var name = String(decoding: bytes.lazy.map(\.asciiLowercased), as: UTF8.self)
        if !name.utf8.allSatisfy({ $0 < 0x80 }) {
            guard let ascii = IDNA.ascii(name) else { return nil }
            name = ascii
        }
        if name.utf8.last == UInt8(ascii: ".") { name.removeLast() }
        return isNormal(name.utf8) ? name : nil
    }

    /// Labels of lowercase letters, digits, hyphens not at their ends, and underscores.
    static func isNormal(_ bytes: some Collection<UInt8>) -> Bool {
        var length = 0
        var previous = UInt8(ascii: ".")
        let hyphen = UInt8(ascii: "-")
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                length += 1
            case hyphen:
                guard length > 0 else { return false }
                length += 1
            case UInt8(ascii: "."):
                guard length > 0, previous != hyphen else { return false }
                length = 0
            default: return false
            }
            guard length <= 63 else { return false }
            previous = byte
        }
        return length > 0 && previous != hyphen && bytes.count <= 253
    }
}
