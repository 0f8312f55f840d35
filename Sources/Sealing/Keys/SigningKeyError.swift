/// Why a signing or verifying key could not be read from its file.
public enum SigningKeyError: Error, Hashable, CustomStringConvertible {
    /// Not exactly one PEM block with a key, or a damaged one.
    case notAKey
    /// A private key under a passphrase.
    case encrypted
    /// A key of another kind, or in another form.
    case notEd25519
    /// The public half where the private one belongs.
    case privateKeyExpected
    /// The private half where the public one belongs.
    case publicKeyExpected
    /// libcrypto refused the key.
    case notLoaded(CryptoError)

    public var description: String {
        switch self {
        case .notAKey:
            "no key in the file, or a damaged one: expected PEM and nothing else, as openssl genpkey or pkey writes it"
        case .encrypted:
            "the private key is encrypted, but a daemon has no passphrase; convert it: openssl pkey -in OLD -out NEW"
        case .notEd25519:
            "not an Ed25519 key as openssl writes it; make one: openssl genpkey -algorithm ed25519 -out NEW"
        case .privateKeyExpected:
            "expected the private key, found a public key; name the file that begins -----BEGIN PRIVATE KEY-----"
        case .publicKeyExpected:
            "expected the public key, found a private key; extract it: openssl pkey -in OLD -pubout -out NEW"
        case .notLoaded(let error):
            "\(error); check that this host's OpenSSL offers Ed25519"
        }
    }
}
