import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Observing {
        private func set(_ mode: String, of company: OwnCompany) async throws {
            try company.ctl.check("company", "set", company.name, "--capture", mode)
            try await company.changesAreKnown()
        }

        @Test
        func `marked mail of an observing company is delivered and recorded with direction and size, but not stored`()
            async throws
        {
            let company = try await OwnCompany()
            let host = company.host
            let thread = try company.startThread()
            try await set("observe", of: company)
            for (from, to, direction) in [
                ("anna@home.example", company.address, "inbound"), (company.address, "anna@home.example", "outbound"),
            ] {
                let letter = Letter("Observed").from(from).answering(thread.messageId)
                let id = try host.send(letter, from: from, to: [to])
                let story = try await host.story(of: id)
                #expect(story.outcome == "observe_only" && story.values["direction"] == direction)
                let copies = try await host.delivered(id)
                expectEqual(copies[0].untraced.withCRLF, letter.bytes)
                #expect(try await host.recorded(id) == "observe_only")
                #expect(
                    try host.query("SELECT direction, size FROM lever.delivery WHERE queue_id = '\(id)'")
                        == "\(direction)|\(letter.bytes.count)")
            }
            #expect(try company.timeline(thread.candidate).messages.isEmpty)
            #expect(try host.query("SELECT count(*) FROM lever.message WHERE company_id = \(company.id)") == "0")
        }

        @Test
        func `no part of an observed message is in the spool at any step, or in the daemon's memory afterwards`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            try company.ctl.check("company", "set", company.name, "--capture", "observe")
            let daemon = try OwnDaemon()
            let canary = Canary()
            func files() throws -> String { try Command.check(["find", daemon.spool, "-mindepth", "2", "-type", "f"]) }
            func expectNothing(_ step: String) throws {
                #expect(try files() == "", "\(step)")
                #expect(try canary.traces(below: daemon.spool, daemon.current.log) == [], "\(step)")
            }
            let client = try daemon.connect()
            var letter = Letter(canary.marked("subject"), id: canary.marked("id")).answering(thread.messageId)
            letter.body = Array(String(repeating: "\(canary.word)\r\n", count: 10_000).utf8)
            #expect(try client.begin("OBSERVED1", to: company.address) == .proceed)
            try expectNothing("after DATA")
            #expect(try client.header(of: letter) == .proceed)
            try expectNothing("after the header")
            for start in stride(from: 0, to: letter.body.count, by: 60_000) {
                try client.body(Array(letter.body[start..<min(start + 60_000, letter.body.count)]))
                try expectNothing("in the body")
            }
            try client.endMessage()
            #expect(try client.reply() == .proceed)
            try expectNothing("after the end")
            #expect(try await daemon.story(of: "OBSERVED1").outcome == "observe_only")
            let image = company.directory.file("memory")
            try ProcessMemory.dump(daemon.current.pid, to: image)
            let traces = try canary.traces(below: image)
            #expect(traces == [], "\(traces)")
            #expect(try contents(of: image).contains(company.domain), "routing is there to be found")
        }

        @Test func `going live and back takes effect at once on a daemon that polls once an hour`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            let host = try OwnMailHost("mx-live.\(company.domain)", pollInterval: 3600)
            try await host.isKnown()
            // One session, so that nothing depends on a new one.
            let client = try SMTPClient(port: host.postfix.port())
            for (mode, outcome) in [
                ("observe", "observe_only"), ("store", "captured"), ("observe", "observe_only"), ("store", "captured"),
            ] {
                try await set(mode, of: company)
                let letter = Letter("Live?").answering(thread.messageId)
                let id = try client.send(letter.bytes, from: "anna@home.example", to: [company.address])
                #expect(try await host.story(of: id).outcome == outcome)
            }
            try client.quit()
            #expect(try host.stored().count == 2)
            // A restart without the database uses this copy.
            #expect(try contents(of: host.spool + "/routing").contains(company.domain))
        }

        @Test func `a daemon that starts without the database takes the mode from its copy of routing`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            try company.ctl.check(
                "company", "set", company.name, "--capture", "observe", "--forward-to", "\(company.word)@inbox.example")
            let daemon = try OwnDaemon()
            try daemon.current.terminate()
            try daemon.configure("database: host=127.0.0.1 port=\(Loopback.freePort()) dbname=none")
            try daemon.start()
            try await daemon.current.line(with: "routing=copy")
            let letter = Letter("Observed").answering(thread.messageId)
            #expect(try daemon.connect().transfer(letter, queueID: "COPY1", to: company.address) == .proceed)
            #expect(try await daemon.story(of: "COPY1").outcome == "observe_only")
        }

        @Test func `the report counts, compares and says what stands in the way of going live`() async throws {
            let company = try await OwnCompany()
            let host = company.host
            let thread = try company.startThread()
            try await set("observe", of: company)
            let empty = try company.ctl.text("observe", "report", "--company", company.name)
            #expect(empty.contains("No messages with a marker of the company in either period."))
            #expect(empty.contains("no_messages: no message of a thread was seen"))

            let tenant = MailHost.Tenant(
                id: company.id, name: company.name, domain: company.domain, candidate: 0, thread: 0, marker: "",
                privateKey: company.privateKey, ctl: company.ctl)
            let letters = [
                Letter("One").answering(thread.messageId), Letter("Two").answering(thread.messageId),
                Letter("Lost").answering(try host.markerOfNoThread(of: tenant)),
            ]
            for letter in letters {
                let id = try host.send(letter, to: [company.address])
                #expect(try await host.recorded(id) == "observe_only")
            }
            let outsider = try host.send(letters[0], to: ["rita@acme.example"])
            #expect(try await host.recorded(outsider) == "not_participant")

            let report: LeverCtlJSON.Observation = try company.ctl.json(
                "observe", "report", "--company", company.name, "--since", "1h")
            #expect(report.capture == "observe" && !report.isReady)
            let observed = try #require(report.outcomes.first { $0.outcome == "observe_only" })
            #expect(observed.direction == "inbound" && observed.messages == 3 && observed.messagesBefore == 0)
            #expect(observed.bytes == letters.reduce(0) { $0 + $1.bytes.count })
            #expect(report.days.map(\.messages).reduce(0, +) == 4)
            #expect(report.threads == 2 && report.unknownThreads == 1 && report.unknownThreadMessages == 1)
            let kinds = report.obstacles.map(\.kind)
            #expect(
                kinds.contains("no_outbound") && kinds.contains("not_participant") && kinds.contains("unknown_thread"))
            #expect(!kinds.contains("no_inbound") && !kinds.contains("no_sealing_key"))
            let text = try company.ctl.text("observe", "report", "--company", company.name)
            #expect(text.contains("In the way of going live:"))
            #expect(text.contains("company set '\(company.name)' --add-domain DOMAIN"))

            for since in ["7", "0s", "2999-01-01"] {
                let wrong = try company.ctl.run("observe", "report", "--company", company.name, "--since", since)
                #expect(wrong.status == 2 && wrong.errors.contains("--since"))
            }
            let unknown = try company.ctl.run("observe", "report", "--company", "Nobody")
            #expect(unknown.status == 1 && unknown.errors.contains("no company 'Nobody'"))
        }
    }
}
