import Unsealing

/// The encrypted file of a private key.
struct PrivateKeyFile {
    let path: String
    let pem: [UInt8]

    init(_ path: String) throws {
        self.path = path
        pem = try readFile(path, limit: 1 << 16)
    }

    func open(with passphrase: [UInt8]) throws(CommandError) -> PrivateKey {
        do {
            return try PrivateKey(pem: pem, passphrase: passphrase)
        } catch {
            throw CommandError("\(path): \(error)")
        }
    }
}
