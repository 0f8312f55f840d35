import ArgumentParser
import Passphrases
import Reading
import Unsealing

/// The source of a private key's passphrase: a file, the environment, what was remembered, or the terminal.
struct PassphraseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Take the passphrase from the first line of a file; else from $LEVER_PASSPHRASE, else from passphrase_store, \
            else ask.
            """, valueName: "file"), completion: .file())
    var passphraseFile: String?

    /// Reads and decrypts the private keys of a company.
    func keyRing(at paths: [String], _ shared: SharedOptions) throws -> KeyRing {
        KeyRing(try paths.map { try privateKey(at: $0, shared) })
    }

    /// Reads and decrypts a private key.
    func privateKey(at path: String, _ shared: SharedOptions) throws -> PrivateKey {
        let file = try PrivateKeyFile(path)
        if let given = try given() { return try file.open(with: given) }
        let memory = PassphraseMemory(try shared.loadedSettings())
        if let remembered = recall(file, from: memory) { return remembered }
        let typed = try Passphrase.ask("Passphrase of \(path): ")
        let key = try file.open(with: Self.notEmpty(typed))
        if let memory, memory.remembersTyped {
            Self.warning { try memory.remember(typed, of: file.pem, key.keyID.hex) }
        }
        return key
    }

    /// The key, if the passphrase that is remembered opens it. Says why it is not used.
    private func recall(_ file: PrivateKeyFile, from memory: PassphraseMemory?) -> PrivateKey? {
        guard let memory, let passphrase = Self.warning({ try memory.passphrase(of: file.pem) }) ?? nil else { return nil }
        do {
            return try file.open(with: passphrase)
        } catch {
            printError("leverctl: the remembered passphrase is not used: \(error)")
            return nil
        }
    }

    /// The passphrase of a private key to remember, and the key that it opens.
    func passphrase(of file: PrivateKeyFile) throws -> (passphrase: [UInt8], key: PrivateKey) {
        let passphrase = try given() ?? Self.notEmpty(Passphrase.ask("Passphrase of \(file.path): "))
        return (passphrase, try file.open(with: passphrase))
    }

    /// The passphrase for a new private key; on the terminal it is asked for twice. Throws if it is weak: whoever copies
    /// the file can guess without limit. `context` are words that an attacker would try.
    func newPassphrase(for path: String, context: [String]) throws -> [UInt8] {
        if let given = try given() {
            if let weakness = PassphraseWeakness.find(in: given, context: context) { throw CommandError("\(weakness)") }
            return given
        }
        var tries = Self.tries
        while true {
            let passphrase = try Self.notEmpty(Passphrase.ask("New passphrase for \(path): "))
            tries -= 1
            if let weakness = PassphraseWeakness.find(in: passphrase, context: context) {
                guard tries > 0 else { throw CommandError("\(weakness)") }
                printError("leverctl: \(weakness)")
                continue
            }
            guard try Passphrase.ask("Once more: ") == passphrase else {
                throw CommandError("the two passphrases differ; try again")
            }
            return passphrase
        }
    }

    private static let tries = 3

    /// From the file or the environment.
    private func given() throws -> [UInt8]? {
        if let passphraseFile {
            return try Self.notEmpty(Array(firstLine(of: readFile(passphraseFile, limit: 1 << 16))))
        }
        return try Passphrase.environment().map(Self.notEmpty)
    }

    private static func notEmpty(_ passphrase: [UInt8]) throws(CommandError) -> [UInt8] {
        guard !passphrase.isEmpty else { throw CommandError("the passphrase is empty; give one") }
        return passphrase
    }

    /// A store that cannot be used costs a question and nothing else.
    private static func warning<Value>(_ body: () throws -> Value) -> Value? {
        do {
            return try body()
        } catch {
            printError("leverctl: \(error)")
            return nil
        }
    }
}
