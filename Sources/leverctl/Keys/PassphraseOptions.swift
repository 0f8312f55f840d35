import ArgumentParser
import Reading
import Unsealing

/// The source of a private key's passphrase: a file, the environment, or the terminal.
struct PassphraseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take the passphrase from the first line of a file; else from $LEVER_PASSPHRASE, else ask.",
            valueName: "file"))
    var passphraseFile: String?

    /// Reads and decrypts a private key.
    func privateKey(at path: String, _ shared: SharedOptions) throws -> PrivateKey {
        let pem = try readFile(path, limit: 1 << 16)
        do {
            return try PrivateKey(pem: pem, passphrase: passphrase("Passphrase of \(path): ", confirming: false))
        } catch let error as PrivateKeyError {
            throw CommandError("\(path): \(error)")
        }
    }

    /// Reads and decrypts the private keys of a company.
    func keyRing(at paths: [String], _ shared: SharedOptions) throws -> KeyRing {
        KeyRing(try paths.map { try privateKey(at: $0, shared) })
    }

    /// The passphrase for a new private key; on the terminal it is asked for twice.
    func newPassphrase(for path: String) throws -> [UInt8] {
        try passphrase("New passphrase for \(path): ", confirming: true)
    }

    private func passphrase(_ prompt: String, confirming: Bool) throws -> [UInt8] {
        let passphrase: [UInt8]
        if let passphraseFile {
            passphrase = Array(try readFile(passphraseFile, limit: 1 << 16).prefix { $0 != UInt8(ascii: "\n") })
        } else if let variable = Passphrase.environment() {
            passphrase = variable
        } else {
            passphrase = try Passphrase.ask(prompt)
            if confirming {
                guard try Passphrase.ask("Once more: ") == passphrase else {
                    throw CommandError("the two passphrases differ; try again")
                }
            }
        }
        guard !passphrase.isEmpty else { throw CommandError("the passphrase is empty; give one") }
        return passphrase
    }
}
