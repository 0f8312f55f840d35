import ArgumentParser
import Core
import Sealing
import Store

extension AuditCommand {
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that no row was changed, removed or reordered.",
            discussion: """
                The chain alone shows every change, except by somebody who can rewrite all of it, such as a superuser. \
                An exported head shows those too, in every row up to it: keep heads out of reach of the database's \
                administrators. It also finds threads that were given to another candidate, and messages that were \
                moved. Exit status 1 if anything is wrong.
                """,
            examples: ["leverctl audit verify", "leverctl audit verify --head head-2026-11.txt --signer audit.pub"])

        @OptionGroup var company: CompanyOption

        @Option(help: ArgumentHelp("An exported head. Repeat it for more.", valueName: "file"), completion: .file())
        var head: [String] = []

        @Option(
            help: ArgumentHelp("The public key (PEM) that heads must be signed by.", valueName: "file"),
            completion: .file())
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
            let auditor = try shared.auditorSession()
            let company = try company.find(in: auditor, shared).id
            let heads = try readHeads(of: company)

            var verification = AuditVerification(
                company: company, noted: try auditor.note(of: company), heads: heads,
                threads: Set(try auditor.threads(of: company).keys))
            try forEachRecord(of: company, after: 0, auditor) { try verification.append($0) }
            let faults = verification.faults(
                notedAfterwards: try auditor.note(of: company), threads: try auditor.threads(of: company),
                misplaced: try auditor.misplacedMessages(of: company))
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
                guard head.company == company else { throw CommandError("\(path): the head is of another company") }
                guard signer == nil || head.signer == signer else {
                    throw CommandError("\(path): the head is signed with another key, \(head.signer.bytes.hex)")
                }
                return head
            }
        }
    }
}

extension AuditorSession {
    fileprivate func note(of company: CompanyID) throws -> AuditVerification.Note? {
        try head(of: company).map { ($0.sequence, $0.hash) }
    }
}
