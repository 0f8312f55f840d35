import ArgumentParser
import Core
import Sealing
import Store

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who opened, refused, changed and erased what.",
        subcommands: [List.self, Verify.self, Export.self, GenerateKey.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a company's audit.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "Only rows after this number.")
        var after: Int64 = 0

        @Option(help: "Only what this login did.")
        var login: String?

        @Option(help: "Only what was about this message.")
        var entry: String?

        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            let sequence: Int64
            let time: String
            let login: String
            let action: String
            let allowed: Bool
            let entry: String?
            let candidate: Int64?
            let thread: Int64?
            let reason: String

            init(_ record: AuditRecord) {
                sequence = record.sequence
                time = record.time.description
                login = record.login
                action = record.action
                allowed = record.allowed
                entry = record.entry?.description
                candidate = record.candidate?.rawValue
                thread = record.thread?.rawValue
                reason = record.reason
            }

            var about: String {
                entry.map { "message \($0)" } ?? candidate.map { "candidate \($0)" } ?? thread.map { "thread \($0)" }
                    ?? "-"
            }
        }

        func run() throws {
            let audit = try shared.audit()
            let company = try audit.company(company).id
            var records: [Record] = []
            try forEachRecord(of: company, after: after, audit) { record in
                guard login == nil || record.login == login,
                    entry == nil || record.entry.map({ EntryID(entry!) == $0 }) == true
                else { return }
                records.append(Record(record))
            }
            if shared.json {
                try printJSON(records)
            } else {
                printTable(
                    ["ROW", "TIME", "LOGIN", "ACTION", "RESULT", "ABOUT", "REASON"],
                    records.map {
                        [
                            "\($0.sequence)", $0.time, $0.login, $0.action, $0.allowed ? "allowed" : "refused",
                            $0.about,
                            $0.reason,
                        ]
                    })
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that no row was changed, removed or reordered.",
            discussion: """
                By itself the chain shows every change but those of somebody who can rewrite all of it, such as a superuser. \
                An exported head shows those as well, in every row up to it: keep heads where the database's \
                administrators do not reach. Exit status 1 if anything is wrong.
                """)

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: ArgumentHelp("An exported head. Repeat it for more.", valueName: "file"))
        var head: [String] = []

        @Option(help: ArgumentHelp("The public key (PEM) that heads must be signed with.", valueName: "file"))
        var signer: String?

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let company: Int64
            let rows: Int64
            let hash: String
            let heads: Int
            let faults: [String]
        }

        func run() throws {
            let audit = try shared.audit()
            let company = try audit.company(company).id
            let heads = try readHeads(of: company)

            var verification = AuditVerification(company: company, noted: try audit.note(of: company), heads: heads)
            try forEachRecord(of: company, after: 0, audit) { try verification.append($0) }
            let faults = verification.faults(
                notedAfterwards: try audit.note(of: company), threads: try audit.threads(of: company))
            let chain = verification.chain

            let result = Result(
                company: company.rawValue, rows: chain.sequence, hash: chain.hash.hex, heads: heads.count,
                faults: faults.map(\.description))
            if shared.json {
                try printJSON(result)
            } else {
                for fault in result.faults { print(fault) }
                print(
                    "\(counted(Int(result.rows), "row")), \(counted(result.heads, "exported head")): "
                        + (faults.isEmpty ? "nothing was changed, removed or reordered." : "NOT as it was written."))
            }
            if !faults.isEmpty { throw ExitCode.failure }
        }

        private func readHeads(of company: CompanyID) throws -> [AuditHead] {
            let signer = try signer.map(readVerifyingKey)
            return try head.map { path in
                let head: AuditHead
                do {
                    head = try AuditHead(file: readFile(path, limit: 1 << 16))
                } catch let error as AuditHead.Malformed {
                    throw CommandError("\(path): \(error)")
                }
                guard head.company == company else { throw CommandError("\(path): the head is another company's") }
                guard signer == nil || head.signer == signer else {
                    throw CommandError("\(path): the head is signed with another key, \(head.signer.bytes.hex)")
                }
                return head
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the head of the chain, signed, to a file.",
            discussion: "It vouches for every row so far. Keep it where the database's administrators do not reach.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(
            help: ArgumentHelp("Your signing key; leverctl audit generate-key makes one.", valueName: "file"))
        var signingKey: String

        @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"))
        var out: String

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let company: Int64
            let sequence: Int64
            let hash: String
            let out: String
        }

        func run() throws {
            let key = try readSigningKey(signingKey)
            let audit = try shared.audit()
            let company = try audit.company(company).id
            guard let head = try audit.head(of: company) else {
                throw CommandError("the company's audit has no row yet; there is nothing to export")
            }
            try writeNewFile(
                out,
                AuditHead.export(
                    company: company, sequence: head.sequence, hash: head.hash, time: .now(), key: key))
            if shared.json {
                try printJSON(
                    Result(company: company.rawValue, sequence: head.sequence, hash: head.hash.hex, out: out))
            } else {
                print("The head of row \(head.sequence) is in \(out).".printable())
            }
        }
    }

    struct GenerateKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate-key", abstract: "Make an Ed25519 key that signs exported heads.")

        @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"))
        var signingKey: String

        @Option(help: ArgumentHelp("The file for its public half; it must not exist.", valueName: "file"))
        var publicKey: String

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let publicKey: String
        }

        func run() throws {
            let key = try SigningKey.generate()
            try writeNewFile(signingKey, key.pem)
            try writeNewFile(publicKey, key.verifyingKey.pem)
            if shared.json {
                try printJSON(Result(publicKey: key.verifyingKey.bytes.hex))
            } else {
                print("Signing key in \(signingKey), public half in \(publicKey).".printable())
            }
        }
    }
}

/// In order; a part of them is in memory at a time.
private func forEachRecord(
    of company: CompanyID, after start: Int64, _ audit: Audit, _ body: (AuditRecord) throws -> Void
) throws {
    var last = start
    while case let records = try audit.records(of: company, after: last, limit: 1000), !records.isEmpty {
        for record in records { try body(record) }
        last = records.last!.sequence
    }
}

extension Audit {
    fileprivate func note(of company: CompanyID) throws -> AuditVerification.Note? {
        try head(of: company).map { ($0.sequence, $0.hash) }
    }
}
