import ArgumentParser
import Core
import Glibc
import Sealing
import Store
import System

struct HostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Register mail hosts and their signing keys.",
        subcommands: [Add.self, List.self, Revoke.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a mail host's signing key.",
            discussion: """
                With --signing-key a new key is generated: move the file to the mail host, and name it as signing_key \
                in the daemon's configuration. With --public-key the private key never leaves the host: generate it \
                there with openssl genpkey -algorithm ed25519, and write its public key with openssl pkey -pubout.
                """,
            examples: ["leverctl host add mx1.acme.example --signing-key mx1.pem"])

        @Argument(help: "The host's name: host_name of its daemon, else the system's host name.")
        var host: String

        @Option(
            help: ArgumentHelp("Generate a key and write it to this file, which must not exist.", valueName: "file"),
            completion: .file())
        var signingKey: String?

        @Option(help: ArgumentHelp("Register this public key (PEM).", valueName: "file"), completion: .file())
        var publicKey: String?

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var host: String
            var keyID: String
        }

        func validate() throws {
            guard (signingKey == nil) != (publicKey == nil) else {
                throw ValidationError("Give either --signing-key or --public-key.")
            }
            guard (1...255).contains(host.utf8.count), host.printable() == host, !host.contains(" ") else {
                throw ValidationError("'\(host.printable())' is not a host name.")
            }
        }

        func run() throws {
            let owner = try shared.ownerSession()
            let key: VerifyingKey
            if let signingKey {
                let new = try SigningKey.generate()
                key = new.verifyingKey
                try writeNewFile(signingKey, new.pem)
            } else {
                key = try readVerifyingKey(publicKey!)
            }
            do {
                try owner.addHostKey(key.bytes, keyID: key.keyID, host: host)
            } catch {
                if let signingKey { unlink(signingKey) }
                throw error
            }
            if shared.json {
                try printJSON(Result(host: host, keyID: key.keyID.hex))
            } else {
                print("\(host) signs with key \(key.keyID.hex).")
                if let signingKey {
                    print("The private key is in \(signingKey.printable()): move it to that host, as its signing_key.")
                }
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List mail hosts, their keys, and whether they have the newest routing.",
            examples: ["leverctl host list"])

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            struct Key: Encodable {
                let keyID: String
                let addedAt: Timestamp
                let revokedAt: Timestamp?
            }

            let host: String
            let seenAt: Timestamp?
            let hasNewestRouting: Bool
            /// Rotations do not wait for it.
            let givenUp: Bool
            let keys: [Key]

            init(_ host: MailHostRecord) {
                self.host = host.host
                seenAt = host.seenAt
                hasNewestRouting = host.isCurrent
                givenUp = host.isGivenUp
                keys = host.keys.map {
                    Key(keyID: $0.keyID.hex, addedAt: $0.addedAt, revokedAt: $0.revokedAt)
                }
            }
        }

        func run() throws {
            let records = try shared.ownerSession().mailHosts().map(Record.init)
            try display.show(records, asJSON: shared.json) { screen in
                screen.printTable(
                    ["HOST", "ROUTING", "SEEN", "KEY", "STATE"],
                    records.flatMap { record in
                        let start = [
                            record.host,
                            record.seenAt == nil
                                ? "-" : record.givenUp ? "given up" : record.hasNewestRouting ? "newest" : "older",
                            record.seenAt.map(screen.text) ?? "never",
                        ]
                        if record.keys.isEmpty { return [start + ["-", "unsigned"]] }
                        return record.keys.map { key in
                            start + [key.keyID, key.revokedAt.map { "revoked \(screen.text($0))" } ?? "in use"]
                        }
                    })
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a mail host or one of its keys.",
            discussion: """
                Messages stored from now on with a signature of the key are shown as wrong; those stored before stay \
                verified. Rotations no longer wait for the host, until it gets a new key.
                """,
            examples: ["leverctl host revoke mx1.acme.example"])

        @Argument(help: "The host's name, or a key's id.", completion: .hosts)
        var host: String

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var host: String
            var revokedKeys: Int
        }

        func run() throws {
            let count = try shared.ownerSession().revokeHost(host)
            try shared.show(
                Result(host: host, revokedKeys: count), "\(host): \(counted(count, "key")) revoked.".printable())
        }
    }
}

/// An Ed25519 public key in PEM.
func readVerifyingKey(_ path: String) throws -> VerifyingKey {
    do {
        return try VerifyingKey(pem: readFile(path, limit: 1 << 16))
    } catch let error as SigningKeyError {
        throw CommandError("\(path): \(error)")
    }
}

/// An Ed25519 private key in PEM, unencrypted, in a file or a credential.
func readSigningKey(_ path: String) throws -> SigningKey {
    do {
        guard let pem = try CredentialStore.system.contents(of: path, limit: 1 << 16) else {
            throw CommandError("\(path): no such file; it is what leverctl host add made")
        }
        return try SigningKey(pem: pem)
    } catch let error as SigningKeyError {
        throw CommandError("\(path): \(error)")
    }
}
