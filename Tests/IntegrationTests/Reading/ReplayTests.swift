import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Past mail, captured as the filter would have captured it.
    @Suite
    struct Replay {
        @Test func `a reply without a marker is stored with the message it answers, in the same run or a later one`()
            async throws
        {
            let site = try await ReplaySite()
            let (company, directory) = (site.company, site.directory)
            let sent = Letter("First", id: "one-\(company.word)").from(company.address).to("anna@home.example")
                .with("References", site.thread.messageId)
            let reply = Letter("Second").answering(sent.messageID)
            try directory.makeDirectory("mails")
            for (number, letter) in [sent, reply.to(company.address), Letter("Other").to(company.address)].enumerated()
            {
                try directory.write("mails/\(number).eml", letter.bytes)
            }
            let first = try site.run(directory.file("mails"))
            #expect(first.summary.outcomes == ["captured": 2, "no_marker": 1])
            // The previous run stored it in the database.
            let later = try directory.write(
                "later.eml", Letter("Third").to(company.address).answering(sent.messageID).bytes)
            #expect(try site.run(later).summary.outcomes == ["captured": 1])
            #expect(try company.timeline(site.thread.candidate).subjects == ["First", "Second", "Third"])
        }

        @Test
        func `everything the filter captured is a duplicate when the maildir is replayed, whatever it looks like`()
            async throws
        {
            let site = try await ReplaySite()
            let fixtures = Fidelity.names + ["no-blank-line.eml"]
            let ids = try fixtures.map { try site.send(site.fixture($0)) }
            for (id, name) in zip(ids, fixtures) {
                #expect(try await site.host.story(of: id).outcome == "captured", "\(name)")
            }
            let maildir = try await site.maildir("Maildir", count: fixtures.count)
            let dry = try site.run(maildir, "--dry-run").summary
            #expect(dry.outcomes == ["captured": fixtures.count] && dry.dryRun)
            let replay = try site.run(maildir)
            #expect(replay.summary.outcomes == ["duplicate": fixtures.count], "\(replay.summary) \(replay.errors)")
            #expect(replay.status == 0 && replay.summary.failed.isEmpty)
            #expect(try site.stored() == [])
        }

        @Test
        func `mail that came while the filter was detached is captured unchanged, and a second run stores nothing`()
            async throws
        {
            let site = try await ReplaySite()
            let large = site.letter("Large", body: String(repeating: "All work and no play.\r\n", count: 120_000))
            let messages =
                try [site.letter("One").bytes, large.bytes]
                + ["multipart-mixed-attachment.eml", "bare-cr-in-body.eml", "gb18030-8bit.eml", "dots.eml"]
                .map { try site.fixture($0) }
            for message in messages { _ = try site.send(message, by: .unfiltered) }
            _ = try site.send(Letter("Unmarked").bytes, by: .unfiltered)
            let maildir = try await site.maildir("Maildir", count: messages.count + 1)

            let first = try site.run(maildir)
            #expect(first.summary.outcomes == ["captured": messages.count, "no_marker": 1], "\(first.errors)")
            #expect(first.status == 0)
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(maildir)/new").map {
                try contents(of: "\(maildir)/new/\($0)").withCRLF
            }
            let entries = try site.stored()
            #expect(entries.count == messages.count)
            for entry in entries {
                let raw = try site.export(entry)
                let isThere = files.contains(raw)
                #expect(
                    isThere, "\(entry) is no file of the maildir: \(String(decoding: raw.prefix(500), as: UTF8.self))")
            }
            #expect(
                try site.host.query(
                    "SELECT DISTINCT queue_id, outcome FROM lever.delivery WHERE host = '\(site.name)'")
                    == "replay|captured")

            let timeline: LeverCtlJSON.Timeline = try site.company.ctl.json(
                "timeline", "--company", site.company.name, "--candidate", "\(site.thread.candidate)", "--private-key",
                site.company.privateKey)
            #expect(Set(timeline.messages.map(\.entry)) == Set(entries))
            #expect(timeline.messages.allSatisfy { $0.direction == "inbound" && $0.origin == "verified" })
            // Not the Date field, which differs: when the host accepted it, to the second.
            #expect(
                timeline.messages.allSatisfy { $0.time.hasSuffix(".000Z") && !$0.time.hasPrefix("2026-11-23T08:12:44") }
            )

            let second = try site.run(maildir)
            #expect(second.summary.outcomes == ["duplicate": messages.count, "no_marker": 1] && second.status == 0)
            #expect(try site.stored() == entries)
            // The other way round: a message that passes the filter later is a duplicate.
            let again = try site.send(messages[0])
            #expect(try await site.host.story(of: again).outcome == "duplicate")
        }

        @Test
        func `each message is decided on as in the filter; unreadable ones are listed at the end`()
            async throws
        {
            let site = try await ReplaySite("message_size_limit: 5000\nin_flight_limit: 10000")
            let company = site.company
            try company.ctl.check("never-log", "add", "quiet@home.example", "--company", company.name)
            let to = ("To", company.address)
            func with(_ letter: Letter, _ fields: (String, String)...) -> [UInt8] {
                var letter = letter
                letter.fields.removeAll { field in fields.contains { $0.0 == field.name } }
                letter.fields += fields.map { (name: $0.0, value: $0.1) }
                return letter.bytes
            }
            let marker = site.thread.messageId
            let broken = String(marker.dropLast(20)) + (marker.dropLast(19).last == "a" ? "b" : "a") + marker.suffix(19)
            let mail = try site.directory.makeDirectory("mail")
            for (name, bytes) in [
                "captured.eml": with(site.letter("Yes"), to),
                // From the company: outbound.
                "outbound.eml": with(
                    site.letter("Out"), ("From", company.address), ("Return-Path", "<\(company.address)>")),
                "copy.eml": with(site.letter("Copy"), ("To", "anna@home.example"), ("Delivered-To", company.address)),
                "unmarked.eml": Letter("No").bytes,
                "foreign.eml": with(Letter("Foreign").answering(site.host.acme.marker), ("To", "rita@acme.example")),
                "forged.eml": with(Letter("Forged").answering(broken), to),
                "stranger.eml": with(site.letter("Stranger"), ("To", "Rita <rita@elsewhere.example>")),
                "named.eml": with(site.letter("Named"), ("To", "\"\(company.address)\" <rita@elsewhere.example>")),
                "quiet.eml": with(site.letter("Quiet"), to, ("Cc", "Quiet <QUIET@home.example>")),
                "large.eml": with(site.letter("Large", body: String(repeating: "x\r\n", count: 2000)), to),
                "large-header.eml": with(site.letter("Large"), to, ("X-Long", String(repeating: "x", count: 6000))),
                "empty.eml": [], "text.eml": Array("Dear all,\n\nno mail.\n".utf8),
            ] { try site.directory.write("mail/\(name)", bytes) }

            let expected = [
                "captured": 3, "no_marker": 2, "bad_signature": 1, "not_participant": 2, "never_log": 1, "too_large": 2,
            ]
            for arguments in [["--dry-run"], []] {
                let command = try site.ctl.run(
                    ["replay", mail, "--company", "\(company.id)", "--json"] + arguments, timeout: 60)
                let summary: LeverCtlJSON.ReplaySummary = try LeverCtl.decode(command.output)
                #expect(summary.outcomes == expected && summary.messages == 11, "\(summary)")
                #expect(summary.failed.map(\.name) == ["\(mail)/empty.eml", "\(mail)/text.eml"])
                #expect(command.status == 1)
                #expect(command.errors.contains("text.eml: it is no mail: its first line is no header field\n"))
                #expect(!command.errors.contains("unmarked") && !command.errors.contains("Dear all"))
                #expect(try site.stored().count == (arguments.isEmpty ? 3 : 0))
            }
            let rows = try site.host.query(
                "SELECT direction, count(*) FROM lever.message WHERE host = '\(site.name)' GROUP BY 1 ORDER BY 1")
            #expect(rows == "inbound|2\noutbound|1")
            #expect(
                try site.host.query("SELECT count(*) FROM lever.delivery WHERE host = '\(site.name)'") == "3",
                "what is refused leaves no record")

            // The operator gives the envelope.
            let told = try site.run(
                "\(mail)/stranger.eml", "--envelope-from", "<>", "--envelope-to", company.address)
            #expect(told.summary.outcomes == ["captured": 1] && told.status == 0)
            let table = try site.ctl.text(
                "replay", "\(mail)/captured.eml", "\(mail)/unmarked.eml", "--company", company.domain)
            #expect(table == "OUTCOME    MESSAGES\nduplicate  1\nno_marker  1\n")
        }

        @Test func `an mbox is replayed like a maildir, plain or compressed, with its From lines unquoted`()
            async throws
        {
            let site = try await ReplaySite()
            let body = "From here on it is text.\r\n>From there too.\r\n\r\nFrom the start.\r\n"
            let letters = (0..<3).map { site.letter("Number \($0)", body: body).to(site.company.address) }
            let id = try site.send(letters[0].bytes)
            #expect(try await site.host.story(of: id).outcome == "captured")
            let text = letters.map { letter in
                "From anna@home.example  Mon Nov 23 09:12:44 2026\n"
                    + letter.bytes.split(separator: 10, omittingEmptySubsequences: false).map { line in
                        let line = line.last == 13 ? line.dropLast() : line
                        let isQuoted = line.drop { $0 == 62 }.starts(with: "From ".utf8)
                        return (isQuoted ? ">" : "") + String(decoding: line, as: UTF8.self)
                    }.joined(separator: "\n") + "\n"
            }.joined()
            let mbox = try site.directory.write("mbox", text)
            #expect(try site.run(mbox).summary.outcomes == ["captured": 2, "duplicate": 1])
            try Command.check(["gzip", mbox])
            #expect(try site.run("\(mbox).gz").summary.outcomes == ["duplicate": 3])
            // The time is that of the Date field, since no host recorded one.
            #expect(
                try site.host.query(
                    "SELECT DISTINCT accepted_at AT TIME ZONE 'UTC' FROM lever.message WHERE host = '\(site.name)'")
                    == "2026-11-23 08:12:44")
        }

        @Test(arguments: [
            "Mon, 23 Nov 2099 09:12:44 +0100", "Thu, 1 Jan 1970 00:00:00 +0000", "yesterday",
        ])
        func `an impossible date is replaced by the file's own time`(_ date: String) async throws {
            let site = try await ReplaySite()
            var letter = site.letter("Dated").with("Cc", site.company.address)
            letter.fields.removeAll { $0.name == "Date" }
            let file = try site.directory.write("one.eml", letter.with("Date", date).bytes)
            try Command.check(["touch", "-d", "2020-01-02T03:04:05Z", file])
            #expect(try site.run(file).summary.outcomes == ["captured": 1])
            #expect(
                try site.host.query(
                    "SELECT accepted_at AT TIME ZONE 'UTC' FROM lever.message WHERE host = '\(site.name)'")
                    == "2020-01-02 03:04:05")
        }
    }
}
