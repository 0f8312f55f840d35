public import Core

/// Marks a forwarded message in a header field, so that no host forwards it again when it comes back by whatever route.
///
/// `lvf1.` and lowercase base32 of: version of the company's index key (1 byte), a digest of the message (16), and the
/// first 16 bytes of HMAC-SHA256(that key, "forward" | company (8, big-endian) | the 17 bytes before).
///
/// The digest covers what mailing lists and relays leave unchanged: Message-ID and Date. A token copied from one
/// message does not count on another, and nobody can make one without the key.
public struct ForwardToken: Hashable, Sendable {
    public static let fieldName = "X-Lever-Forwarded"

    private let keyVersion: UInt8
    private let digest: [UInt8]
    private let mac: [UInt8]

    private static let prefix = Array("lvf1.".utf8)
    private static let digestLength = 16
    private static let macLength = 16
    /// Only the last tokens of a header are examined: ours are at its end, and anyone can add more in front of them.
    static let scanLimit = 32

    /// Makes the token for a message under the company's current index key.
    public init(header: HeaderSection, company: CompanyID, key: Routing.IndexKey) throws(CryptoError) {
        keyVersion = key.version
        digest = try Self.digests(of: header)[0]
        mac = try Self.mac(keyVersion, digest, company, key)
    }

    /// Nil if the value does not have the form of a token.
    init?(value: [UInt8]) {
        guard value.count == Self.prefix.count + 53, value.starts(with: Self.prefix),
            let bytes = Base32.decode(value.dropFirst(Self.prefix.count))
        else { return nil }
        keyVersion = bytes[0]
        digest = Array(bytes[1..<1 + Self.digestLength])
        mac = Array(bytes[(1 + Self.digestLength)...])
    }

    /// The field's value.
    public var text: String {
        String(decoding: Self.prefix, as: UTF8.self) + Base32.encode([keyVersion] + digest + mac)
    }

    /// What the valid tokens in a header prove.
    public struct Findings: Hashable, Sendable {
        /// One token was issued for this message.
        public var isForwarded = false
        /// Number of different tokens that the company issued, for this message or another.
        public var count = 0
    }

    /// Finds the tokens in a header that the company's hosts issued under any live index key; others do not count.
    public static func scan(_ header: HeaderSection, of company: Routing.Company) throws(CryptoError) -> Findings {
        var findings = Findings()
        var seen: Set<ForwardToken> = []
        let tokens = header.unfolded(fieldName).suffix(scanLimit).compactMap(ForwardToken.init(value:))
        guard !tokens.isEmpty else { return findings }
        let digests = try digests(of: header)
        for token in tokens where seen.insert(token).inserted {
            guard try token.isAuthentic(of: company) else { continue }
            findings.count += 1
            if digests.contains(token.digest) { findings.isForwarded = true }
        }
        return findings
    }

    private func isAuthentic(of company: Routing.Company) throws(CryptoError) -> Bool {
        guard let key = company.indexKeys.first(where: { $0.version == keyVersion }) else { return false }
        return constantTimeEqual(mac, try Self.mac(keyVersion, digest, company.id, key))
    }

    private static func mac(
        _ keyVersion: UInt8, _ digest: [UInt8], _ company: CompanyID, _ key: Routing.IndexKey
    ) throws(CryptoError) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw("forward".utf8)
        writer.integer(company.rawValue)
        writer.integer(keyVersion)
        writer.raw(digest)
        return Array(try HMACKey(key.key).authenticationCode(for: writer.bytes).prefix(macLength))
    }

    /// The digests that a token for this message may have; a new token has the first. A later server adds a Message-ID
    /// if there is none, so a message that was forwarded without one is also recognised without it.
    private static func digests(of header: HeaderSection) throws(CryptoError) -> [[UInt8]] {
        let nameless = try digest(of: ["Date", "From", "To", "In-Reply-To", "References"], in: header)
        guard !header.values("Message-ID").isEmpty else { return [nameless] }
        return [try digest(of: ["Message-ID", "Date"], in: header), nameless]
    }

    private static func digest(of names: [String], in header: HeaderSection) throws(CryptoError) -> [UInt8] {
        var writer = ByteWriter()
        for name in names {
            let values = header.unfolded(name)
            writer.lengthPrefixed(name.utf8)
            writer.integer(UInt32(values.count))
            for value in values { writer.lengthPrefixed(value) }
        }
        return Array(try SHA256.digest(of: writer.bytes).prefix(digestLength))
    }
}
