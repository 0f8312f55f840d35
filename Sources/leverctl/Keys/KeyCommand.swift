import ArgumentParser
import Core
import Glibc
import Store
import Unsealing

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The keys of companies, and their life.",
        discussion: """
            Sealing keys are what messages are sealed to; marker keys sign the ids of threads; index keys make the blind \
            indices. A key is announced (next), known to every mail host (distributed), in use (primary), and, while \
            something depends on it, old. Then it is retired, and in the end destroyed.
            """,
        subcommands: [Generate.self, Rotate.self, Rewrap.self, Retire.self, Destroy.self, List.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key pair that messages are sealed to from now on.",
            discussion: """
                The private key goes to a file, encrypted with a passphrase, and nowhere else: without it nobody reads \
                the company's messages. Keep a copy of it apart from this host. From then on messages are sealed to \
                this key as well as to the company's other keys. An escrow key is one that somebody apart keeps, for when \
                the others are lost: rotation leaves it alone.
                """)

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: ArgumentHelp("The file to write the private key to; it must not exist.", valueName: "file"))
        var privateKey: String

        @Flag(help: "Make it an escrow key.")
        var escrow = false

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            let key = try makeKey(privateKey, passphrase) { key in
                try administration.addSealingKey(
                    key.subjectPublicKeyInfo, keyID: key.keyID, to: company.id, isEscrow: escrow)
            }
            let record = try administration.sealingKeys(of: company.id).first { $0.keyID == key.keyID }.map {
                KeyRecord($0)
            }
            if shared.json {
                try printJSON(record)
            } else {
                print(
                    "\(escrow ? "Escrow key" : "Key") \(key.keyID.hex) of \(company.name.printable()); its private half is in "
                        + "\(privateKey).")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a company's keys and how many messages are sealed to each.")

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company).id
            let messages = try administration.rekeying.messagesByKey(of: company)
            let profiles = try profilesByKey(administration.rekeying.profiles(of: company))
            let records =
                try administration.sealingKeys(of: company).map {
                    KeyRecord($0, messages: messages[$0.keyID] ?? 0, profiles: profiles[$0.keyID] ?? 0)
                } + administration.secrets(of: company).map { KeyRecord($0) }
            if shared.json {
                try printJSON(records)
            } else {
                printTable(
                    ["KIND", "KEY", "STATE", "CREATED", "MESSAGES", "PROFILES"],
                    records.map { record in
                        [
                            record.escrow == true ? "escrow" : record.kind, record.keyID, record.state,
                            record.createdAt,
                            record.messages.map(String.init) ?? "-", record.profiles.map(String.init) ?? "-",
                        ]
                    })
            }
        }
    }
}

/// A new private key in a new file, and its public half where `register` puts it: the file first, since a public key
/// whose private half is lost would seal messages for nobody.
func makeKey(
    _ path: String, _ passphrase: PassphraseOptions, register: (PrivateKey) throws -> Void
) throws -> PrivateKey {
    let phrase = try passphrase.newPassphrase(for: path)
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

/// How many profiles are sealed to each key.
func profilesByKey(_ profiles: [ProfileHead]) throws -> [[UInt8]: Int] {
    var counts: [[UInt8]: Int] = [:]
    for profile in profiles {
        for key in try Opener.recipients(of: profile.head) { counts[key, default: 0] += 1 }
    }
    return counts
}

struct KeyRecord: Encodable {
    let kind: String
    /// A sealing key's id; the version of another.
    let keyID: String
    let state: String
    let createdAt: String
    let escrow: Bool?
    let messages: Int?
    let profiles: Int?

    init(_ key: StoredSealingKey, messages: Int? = nil, profiles: Int? = nil) {
        kind = KeyKind.sealing.rawValue
        keyID = key.keyID.hex
        state = key.state.rawValue
        createdAt = key.createdAt.description
        escrow = key.isEscrow
        self.messages = messages
        self.profiles = profiles
    }

    init(_ secret: StoredSecret) {
        kind = secret.kind.rawValue
        keyID = String(secret.version)
        state = secret.state.rawValue
        createdAt = secret.createdAt.description
        escrow = nil
        messages = nil
        profiles = nil
    }
}
