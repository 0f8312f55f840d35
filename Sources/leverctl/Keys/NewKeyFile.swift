import Glibc
import Store
import Unsealing

/// Generates a private key, writes it to a new file, and then lets `register` store its public key: in this order,
/// since nobody could read messages sealed to a key whose private half is lost. If `register` throws, the file is
/// removed.
func makeKey(
    _ path: String, _ passphrase: PassphraseOptions, of company: CompanyRecord,
    register: (PrivateKey) throws -> Void
) throws -> PrivateKey {
    let phrase = try passphrase.newPassphrase(
        for: path, context: [company.name, String(path.split(separator: "/").last ?? "")] + company.domains)
    let key = try PrivateKey.generate()
    try writeNewFile(path, key.pem(passphrase: phrase))
    do {
        try register(key)
    } catch {
        unlink(path)
        throw error
    }
    return key
}
