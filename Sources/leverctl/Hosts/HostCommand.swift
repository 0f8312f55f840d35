import ArgumentParser
import Core
import Glibc
import Sealing
import Store

struct HostCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Mail hosts and the keys they sign with.",
        subcommands: [Add.self, List.self, Revoke.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a mail host's signing key.",
            discussion: """
                With --signing-key a new key is made: bring the file to the mail host and name it in the daemon's \
                configuration (signing_key). With --public-key the host keeps its own: made there with openssl genpkey \
                -algorithm ed25519, its public half written with openssl pkey -pubout.
                """)

        @Argument(help: "The host's name, as its daemon has it: host_name, else the system's.")
        var host: String

        @Option(help: ArgumentHelp("Make a key and write it to this file, which must not exist.", valueName: "file"))
        var signingKey: String?

        @Option(help: ArgumentHelp("Register this public key (PEM).", valueName: "file"))
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
            let administration = try shared.administration()
            let key: VerifyingKey
            if let signingKey {
                let new = try SigningKey.generate()
                key = new.verifyingKey
                try writeNewFile(signingKey, new.pem)
            } else {
                key = try readVerifyingKey(publicKey!)
            }
            do {
                try administration.addHostKey(key.bytes, keyID: key.keyID, host: host)
            } catch {
                if let signingKey { unlink(signingKey) }
                throw error
            }
            if shared.json {
                try printJSON(Result(host: host, keyID: key.keyID.hex))
            } else {
                print("\(host) signs with key \(key.keyID.hex).")
                if let signingKey {
                    print("Its private half is in \(signingKey.printable()): signing_key on that host.")
                }
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show mail hosts, their keys, and whether they have the newest routing.")

        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            struct Key: Encodable {
                let keyID: String
                let addedAt: String
                let revokedAt: String?
            }

            let host: String
            let seenAt: String?
            let hasNewestRouting: Bool
            /// No rotation waits for it.
            let givenUp: Bool
            let keys: [Key]

            init(_ host: MailHostRecord) {
                self.host = host.host
                seenAt = host.seenAt?.description
                hasNewestRouting = host.isCurrent
                givenUp = host.isGivenUp
                keys = host.keys.map {
                    Key(keyID: $0.keyID.hex, addedAt: $0.addedAt.description, revokedAt: $0.revokedAt?.description)
                }
            }
        }

        func run() throws {
            let records = try shared.administration().mailHosts().map(Record.init)
            if shared.json {
                try printJSON(records)
                return
            }
            printTable(
                ["HOST", "ROUTING", "SEEN", "KEY", "STATE"],
                records.flatMap { record in
                    let start = [
                        record.host,
                        record.seenAt == nil
                            ? "-" : record.givenUp ? "given up" : record.hasNewestRouting ? "newest" : "older",
                        record.seenAt ?? "never",
                    ]
                    if record.keys.isEmpty { return [start + ["-", "unsigned"]] }
                    return record.keys.map { key in
                        start + [key.keyID, key.revokedAt.map { "revoked \($0)" } ?? "in use"]
                    }
                })
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give up a mail host or one of its keys.",
            discussion: """
                What is stored from now on and signed with the key shows as wrong; what was stored before stays verified. \
                Rotations no longer wait for the host, until it gets a new key.
                """)

        @Argument(help: "The host's name, or a key's id.")
        var host: String

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var host: String
            var revokedKeys: Int
        }

        func run() throws {
            let count = try shared.administration().revokeHost(host)
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

/// An Ed25519 private key in PEM, unencrypted.
func readSigningKey(_ path: String) throws -> SigningKey {
    do {
        return try SigningKey(pem: readFile(path, limit: 1 << 16))
    } catch let error as SigningKeyError {
        throw CommandError("\(path): \(error)")
    }
}
