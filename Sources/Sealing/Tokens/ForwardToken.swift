public import Core

/// Marks a forwarded message in a header field, so that no host forwards it again when it comes back by whatever route.
///
/// An `IndexToken` with the prefix `lvf1.` and the purpose "forward"; its subject is a digest of the message.
///
/// The digest covers what mailing lists and relays leave unchanged: Message-ID and Date. A token copied from one
/// message does not count on another, and nobody can make one without the key.
public struct ForwardToken: Hashable, Sendable {
    public static let fieldName = "X-Lever-Forwarded"

    private static let kind = IndexToken.Kind(prefix: "lvf1.", purpose: "forward")
    private static let digestLength = 16

    private let token: IndexToken

    /// Only the last tokens of a header are examined: ours are at its end, and anyone can add more in front of them.
    static let scanLimit = 32

    /// Makes the token for a message under the company's current index key.
    public init(header: HeaderSection, company: CompanyID, key: Routing.IndexKey) throws(CryptoError) {
        token = try IndexToken(Self.kind, subject: Self.digests(of: header)[0], company: company, key: key)
    }

    /// The field's value.
    public var text: String { token.text(Self.kind) }

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
        var seen: Set<IndexToken> = []
        let tokens = header.unfolded(fieldName).suffix(scanLimit).compactMap { IndexToken(kind, value: $0) }
        guard !tokens.isEmpty else { return findings }
        let digests = try digests(of: header)
        for token in tokens where seen.insert(token).inserted {
            guard try token.key(kind, of: company) != nil else { continue }
            findings.count += 1
            if digests.contains(token.subject) { findings.isForwarded = true }
        }
        return findings
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
