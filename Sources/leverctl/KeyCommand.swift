import ArgumentParser
import Core
import Glibc
import Store
import Unsealing

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The keys that companies' messages are sealed to.",
        subcommands: [Generate.self, List.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key pair.",
            discussion: """
                The private key goes to a file, encrypted with a passphrase, and nowhere else: without it nobody reads \
                the company's messages. Keep a copy of it apart from this host. From then on messages are sealed to \
                this key as well as to the company's other keys.
                """)

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: ArgumentHelp("The file to write the private key to; it must not exist.", valueName: "file"))
        var privateKey: String

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            let passphrase = try passphrase.newPassphrase(for: privateKey)
            let key = try PrivateKey.generate()

            // The file first: a public key whose private half is lost would seal messages for nobody.
            try writeNewFile(privateKey, key.pem(passphrase: passphrase))
            do {
                try administration.addSealingKey(key.subjectPublicKeyInfo, keyID: key.keyID, to: company.id)
            } catch {
                unlink(privateKey)
                throw error
            }
            let record = try administration.sealingKeys(of: company.id).first { $0.keyID == key.keyID }.map(
                KeyRecord.init)
            if shared.json {
                try printJSON(record)
            } else {
                print("Key \(key.keyID.hex) of \(company.name.printable()); its private half is in \(privateKey).")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a company's sealing keys.")

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let keys = try administration.sealingKeys(of: administration.company(company).id).map(KeyRecord.init)
            if shared.json {
                try printJSON(keys)
            } else {
                printTable(["KEY", "STATE", "CREATED"], keys.map { [$0.keyID, $0.state, $0.createdAt] })
            }
        }
    }
}

private struct KeyRecord: Encodable {
    let keyID: String
    let state: String
    let createdAt: String

    init(_ key: StoredSealingKey) {
        keyID = key.keyID.hex
        state = key.isActive ? "active" : "retired"
        createdAt = key.createdAt.description
    }
}
