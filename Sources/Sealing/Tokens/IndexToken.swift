import Core

/// A text that only who has a company's index key can make: it proves that the company's own hosts, or its database, wrote
/// something about a subject of 16 bytes.
///
/// A prefix, and base32 of: version of the index key (1 byte), subject (16), and the first 16 bytes of HMAC-SHA256(that
/// key, purpose | company (8, big-endian) | the 17 bytes before).
struct IndexToken: Hashable, Sendable {
    /// What a token is for. Its purpose is under the MAC, so that one of a kind is never taken for another.
    struct Kind: Sendable {
        let form: SignedText
        let purpose: String

        init(prefix: String, purpose: String) {
            form = SignedText(prefix: prefix, fieldLength: 17)
            self.purpose = purpose
        }

        /// The HMAC input.
        func signedBytes(subject: [UInt8], company: CompanyID, keyVersion: UInt8) -> [UInt8] {
            var writer = ByteWriter()
            writer.raw(purpose.utf8)
            writer.integer(company.rawValue)
            writer.integer(keyVersion)
            writer.raw(subject)
            return writer.bytes
        }
    }

    let keyVersion: UInt8
    /// 16 bytes.
    let subject: [UInt8]
    private let mac: [UInt8]

    /// `code`: the HMAC of the kind's `signedBytes`.
    init(subject: [UInt8], keyVersion: UInt8, code: [UInt8]) {
        precondition(subject.count == 16)
        self.keyVersion = keyVersion
        self.subject = subject
        mac = Array(code.prefix(SignedText.macLength))
    }

    init(_ kind: Kind, subject: [UInt8], company: CompanyID, key: Routing.IndexKey) throws(CryptoError) {
        let input = kind.signedBytes(subject: subject, company: company, keyVersion: key.version)
        self.init(subject: subject, keyVersion: key.version, code: try HMACKey(key.key).authenticationCode(for: input))
    }

    /// Nil if the value does not have the form of this kind.
    init?(_ kind: Kind, value: [UInt8]) {
        guard let (fields, mac) = kind.form.decode(value[...]) else { return nil }
        keyVersion = fields[fields.startIndex]
        subject = Array(fields.dropFirst())
        self.mac = mac
    }

    func text(_ kind: Kind) -> String { kind.form.encode([keyVersion] + subject, mac: mac) }

    /// The company's index key that made it; nil if none did. Compared in constant time.
    func key(_ kind: Kind, of company: Routing.Company) throws(CryptoError) -> Routing.IndexKey? {
        guard let key = company.indexKeys.first(where: { $0.version == keyVersion }) else { return nil }
        let input = kind.signedBytes(subject: subject, company: company.id, keyVersion: keyVersion)
        let code = try HMACKey(key.key).authenticationCode(for: input)
        return constantTimeEqual(mac, Array(code.prefix(SignedText.macLength))) ? key : nil
    }
}
