public import Core

extension Marker {
    /// Issues a marker for a thread, signed with the company's marker key `keyID`.
    public static func issue(
        company: CompanyID, thread: ThreadID, domain: String, keyID: UInt8, key: HMACKey
    ) throws(CryptoError) -> Marker {
        let nonce = try randomBytes(4).reduce(0) { $0 << 8 | UInt32($1) }
        return try Marker(
            keyID: keyID, company: company, thread: thread, nonce: nonce, domain: domain,
            authenticate: key.authenticationCode)
    }

    /// Whether the MAC is valid under `key`. Compares in constant time.
    public func isAuthentic(key: HMACKey) throws(CryptoError) -> Bool {
        constantTimeEqual(mac, Array(try key.authenticationCode(for: signedBytes).prefix(SignedText.macLength)))
    }
}
