/// Something that looks like a marker of ours, whole or damaged, in a text where it may count or not. For those who
/// look for the reason why a message is not recognised: nothing is decided by it.
public struct MarkerLikeness: Hashable, Sendable {
    public enum Form: Hashable, Sendable {
        /// In the form of a marker. Whether its MAC is right is for who has the key to say.
        case whole(Marker)
        /// Letters are missing at its end; so many are left of `letters`.
        case cut(Int)
        /// Letters were added to it, or put into it.
        case grown
        /// It has a letter that no marker has, or letters in an order that none has.
        case altered
        /// Nothing follows its letters.
        case withoutDomain
        /// Its domain is none of the marker domains.
        case otherDomain
    }

    /// Letters between the prefix and the domain.
    public static let letters = 60

    public let form: Form

    private static let prefix = Array("lv1.".utf8)
    /// Bytes behind the prefix that are looked at: letters, domain, and what mail programs put between them.
    private static let reach = 512

    /// Those in a text, at most `limit`. `domains` are the marker domains, in lower case. The work is linear.
    public static func all(in text: ArraySlice<UInt8>, domains: [String], limit: Int) -> [MarkerLikeness] {
        var found: [MarkerLikeness] = []
        var rest = text
        while found.count < limit, let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
            let start = dot - (prefix.count - 1)
            if start >= text.startIndex, zip(text[start...], prefix).allSatisfy({ $0.asciiLowercased == $1 }) {
                let window = text[(dot + 1)...].prefix(reach)
                if let likeness = MarkerLikeness(behindPrefix: window, domains: domains) { found.append(likeness) }
            }
            rest = text[(dot + 1)...]
        }
        return found
    }

    /// Nil if nothing like a marker's letters follows: so much is looked at of each prefix, the rest of few.
    private init?(behindPrefix window: ArraySlice<UInt8>, domains: [String]) {
        guard window.prefix(4).allSatisfy(\.isLetterOrDigit), window.count >= 4 else { return nil }
        let asItStands = Self.form(window, domains)
        if case .whole = asItStands {
            form = asItStands
        } else if case .whole(let marker) = Self.form(Self.unwrapped(window)[...], domains) {
            form = .whole(marker)
        } else {
            form = asItStands
        }
    }

    private static func form(_ window: ArraySlice<UInt8>, _ domains: [String]) -> Form {
        let payload = window.prefix(while: \.isLetterOrDigit)
        if payload.count < letters { return .cut(payload.count) }
        if payload.count > letters { return .grown }
        guard Base32.decode(payload) != nil else { return .altered }
        let behind = window[payload.endIndex...]
        let domain = behind.dropFirst().prefix { $0.isLetterOrDigit || ".-".utf8.contains($0) }
        guard behind.first == UInt8(ascii: "@"), !domain.isEmpty else { return .withoutDomain }
        // A sentence ends with it.
        let name = domain.last == UInt8(ascii: ".") ? domain.dropLast() : domain
        guard domains.contains(where: { $0.utf8.elementsEqual(name.lazy.map(\.asciiLowercased)) }) else {
            return .otherDomain
        }
        let id = prefix + payload + [UInt8(ascii: "@")] + name
        return Marker(messageID: id, domains: domains).map(Form.whole) ?? .altered
    }

    /// Without line ends, those of quoted-printable included, and the signs that encodings write in place of `@` and
    /// `.`.
    private static func unwrapped(_ window: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var position = window.startIndex
        while position < window.endIndex {
            let rest = window[position...]
            if let skipped = ["=\r\n", "=\n", "\r\n", "\n", " ", "\t"].first(where: { rest.starts(with: $0.utf8) }) {
                position += skipped.utf8.count
            } else if let (sign, byte) = signs.first(where: { rest.starts(with: $0.sign.utf8) }) {
                bytes.append(byte)
                position += sign.utf8.count
            } else {
                bytes.append(window[position])
                position += 1
            }
        }
        return bytes
    }

    private static let signs: [(sign: String, byte: UInt8)] = [
        ("=40", UInt8(ascii: "@")), ("%40", UInt8(ascii: "@")), ("&#64;", UInt8(ascii: "@")),
        ("=2E", UInt8(ascii: ".")), ("=2e", UInt8(ascii: ".")), ("%2E", UInt8(ascii: ".")),
    ]
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x61...0x7a).contains(asciiLowercased)
    }
}
