/// Why a private key could not be read from its file.
public enum PrivateKeyError: Error, Hashable, CustomStringConvertible {
    /// No encrypted private key in PEM, or a damaged one.
    case notAKey
    /// A private key, but not encrypted PKCS#8.
    case notEncrypted
    /// The passphrase is wrong. A damaged file looks the same.
    case wrongPassphrase
    /// Some other kind of key.
    case notP256

    public var description: String {
        switch self {
        case .notAKey:
            "the file holds no private key, or a damaged one: expected PEM from -----BEGIN ENCRYPTED PRIVATE KEY-----"
        case .notEncrypted:
            "the private key is not encrypted PKCS#8; convert it: openssl pkcs8 -topk8 -scrypt -in OLD -out NEW"
        case .wrongPassphrase:
            "wrong passphrase, or the private key file is damaged"
        case .notP256:
            "not a P-256 key; make one with leverctl key generate"
        }
    }
}
