import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Deliveries {
        @Test func `rows are listed by time and selected by options; a wrong value says what is right`()
            async throws
        {
            let company = try await TracedCompany()
            let host = company.own.host
            var ids: [String] = []
            for sent in try company.cases() where ["captured", "bad_signature", "not_participant"].contains(sent.name) {
                let id = try host.send(sent.letter, from: sent.from, to: sent.to)
                #expect(try await host.recorded(id) == sent.name)
                ids.append(id)
            }
            let ctl = company.ctl(.everything)
            func listed(_ options: String...) throws -> [String] {
                let command = try ctl.run(
                    ["deliveries", "--company", company.own.name, "--json"] + options, timeout: 60)
                guard command.status == 0 else { throw HarnessError(command.errors) }
                let rows: [LeverCtlJSON.Delivery] = try LeverCtl.decode(command.output)
                #expect(rows.allSatisfy { $0.company == company.own.id && $0.companyName == company.own.name })
                return rows.map(\.queueId)
            }
            #expect(try listed() == ids)
            #expect(try listed("--since", "1h") == ids)
            #expect(try listed("--until", "1h") == [])
            #expect(try listed("--outcome", "bad_signature") == [ids[1]])
            #expect(try listed("--direction", "inbound") == [ids[0]])
            #expect(try listed("--host", "elsewhere.example") == [])
            #expect(try listed("--limit", "2") == Array(ids.suffix(2)))

            let table = try ctl.text("deliveries", "--company", "\(company.own.id)").split(separator: "\n")
            #expect(table.count == 4 && table[0].hasPrefix("ACCEPTED") && table[2].contains("bad_signature"))
            for secret in ["home.example", "anna", "@"] { #expect(!table.joined().contains(secret)) }
            for (options, message) in [
                (["--since", "yesterday"], "neither a duration such as 90s"),
                (["--until", "1w"], "neither a duration"),
                (["--since", "1h", "--until", "2h"], "not before --until"), (["--limit", "0"], "from 1 to 100000"),
                (["--outcome", "lost"], "captured"), (["--direction", "up"], "inbound"),
                (["--follow", "--until", "1h"], "does not go with --follow"),
            ] {
                let command = try ctl.run(["deliveries"] + options, timeout: 60)
                #expect(command.status == 2 && command.errors.contains(message), "\(command.errors)")
            }
            let stranger = try ctl.run("deliveries", "--company", "Initech")
            #expect(stranger.status == 1 && stranger.errors.contains("no company 'Initech'"))
            try company.own.directory.write("empty.yaml", "spool: /x\n")
            let unset = try LeverCtl(configuration: company.own.directory.file("empty.yaml")).run("deliveries")
            #expect(unset.status == 1 && unset.errors.contains("'operator_database' is missing"))
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func `--follow shows new rows once, also after a database outage, and ends cleanly`(signal: Int32)
            async throws
        {
            let company = try await TracedCompany()
            let host = company.own.host
            let output = company.own.directory.file("follow.out")
            let errors = company.own.directory.file("follow.err")
            let program = Products.path("leverctl")
            let follower = try ChildProcess(
                [
                    "sh", "-c", "exec \"$0\" deliveries --follow --json --company \"$1\" 2>\"$2\"", program,
                    "\(company.own.id)", errors,
                ],
                environment: company.ctl(.everything).environment, output: output)
            func shown() throws -> [String] {
                return try String(decoding: contents(of: output), as: UTF8.self).split(separator: "\n")
                    .map { try LeverCtl.decode($0.utf8, as: LeverCtlJSON.Delivery.self).queueId }
            }
            func capture() throws -> String {
                try host.send(Letter("Followed").answering(company.thread.messageId), to: [company.own.address])
            }
            let first = try capture()
            try await waitUntil("the first row") { try shown() == [first] }
            // Its session ends as in a server restart.
            _ = try host.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(company.operatorLogin)'")
            let second = try capture()
            try await waitUntil("the second row") { try shown() == [first, second] }
            let told = String(decoding: try contents(of: errors), as: UTF8.self)
            #expect(told.contains("trying again") && told.contains("the database is back"), "\(told)")
            follower.send(signal)
            #expect(try follower.waitForExit(timeout: 20) == 0)
            #expect(try shown() == [first, second])
        }

        @Test func `--follow ends when its reader is gone, with or without rows to show`() async throws {
            let company = try await TracedCompany()
            let id = try company.own.host.send(
                Letter("Followed").answering(company.thread.messageId), to: [company.own.address])
            _ = try await company.own.host.recorded(id)
            for last in ["1", "2"] {
                let command = try Command.run(
                    [
                        "sh", "-c", "\"$0\" deliveries --follow --company \"$1\" | sed -n \"$2q\"",
                        Products.path("leverctl"), "\(company.own.id)", last,
                    ],
                    environment: company.ctl(.everything).environment, timeout: 30)
                #expect(command.status == 0 && command.errors == "")
            }
        }
    }
}
