import ArgumentParser
import Core
import Store

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Generate, rotate and destroy companies' keys.",
        discussion: """
            Messages are sealed to sealing keys; marker keys sign thread ids; index keys compute blind indices. A key \
            is announced (next), known to every mail host (distributed), in use (primary), and old while something \
            still depends on it. Then it is retired, and finally destroyed.
            """,
        subcommands: [
            Generate.self, Rotate.self, Rewrap.self, Restore.self, Retire.self, Destroy.self, List.self,
            Remember.self, Forget.self,
        ])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Generate a key pair that messages are sealed to from now on.",
            discussion: """
                The private key is written only to a file, encrypted with a passphrase: without it nobody can read the \
                company's messages. The passphrase has 15 characters or more, and is nothing that is tried first. Keep a copy away from this host. New messages are sealed to this key as well as to \
                the company's other keys. An escrow key is kept by somebody else in case the others are lost; rotation \
                leaves it alone.
                """,
            examples: ["leverctl key generate --private-key acme.pem"])

        @OptionGroup var company: CompanyOption

        @Option(
            help: ArgumentHelp("The file to write the private key to; it must not exist.", valueName: "file"),
            completion: .file())
        var privateKey: String

        @Flag(help: "Generate an escrow key.")
        var escrow = false

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared)
            let key = try makeKey(privateKey, passphrase, of: company) { key in
                try owner.addSealingKey(
                    key.subjectPublicKeyInfo, keyID: key.keyID, to: company.id, isEscrow: escrow)
            }
            let record = try owner.sealingKeys(of: company.id).first { $0.keyID == key.keyID }.map {
                KeyRecord($0)
            }
            if shared.json {
                try printJSON(record)
            } else {
                print(
                    "\(escrow ? "Escrow key" : "Key") \(key.keyID.hex) of \(company.name); the private key is in "
                        + "\(privateKey)."
                        .printable())
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a company's keys, and how many messages are sealed to each.",
            examples: ["leverctl key list"])

        @OptionGroup var company: CompanyOption

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared).id
            let messages = try owner.rekeying.messagesByKey(of: company)
            let profiles = try profilesByKey(owner.rekeying.profiles(of: company))
            let records =
                try owner.sealingKeys(of: company).map {
                    KeyRecord($0, messages: messages[$0.keyID] ?? 0, profiles: profiles[$0.keyID] ?? 0)
                } + owner.secrets(of: company).map { KeyRecord($0) }
            try display.show(records, asJSON: shared.json) { screen in
                screen.printTable(
                    ["KIND", "KEY", "STATE", "CREATED", "MESSAGES", "PROFILES"],
                    records.map { record in
                        [
                            record.escrow == true ? "escrow" : record.kind, record.keyID, record.state,
                            screen.text(record.createdAt),
                            record.messages.map(String.init) ?? "-", record.profiles.map(String.init) ?? "-",
                        ]
                    })
            }
        }
    }
}
