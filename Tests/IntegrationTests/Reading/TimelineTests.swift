import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// What a recruiter does with a correspondence: choose, search, keep it as a file, look at one message.
    @Suite struct Timelines {
        /// A candidate with three messages in two threads.
        private struct Site {
            let company: OwnCompany
            let candidate: Int64
            let threads: [OwnCompany.Thread]
            /// In the order in which they were accepted.
            let entries: [String]

            init() async throws {
                company = try await OwnCompany()
                candidate = try company.addCandidate("anna+\(Letter.unique())@home.example")
                threads = try [company.startThread(candidate: candidate), company.startThread(candidate: candidate)]
                let quoting = "Passt gut: Straße 5.\r\n\r\nOn Monday Rita wrote:\r\n> <b>When</b> does it suit you?\r\n"
                var entries: [String] = []
                for (thread, letter) in [
                    (0, Letter("First", body: "Good day.\r\n")), (1, Letter("<i>Second</i>", body: quoting)),
                    (0, Letter("Third", body: "See you.\r\n")),
                ] {
                    let id = try company.host.send(
                        letter.with("MIME-Version", "1.0").with("Content-Type", "text/plain; charset=utf-8")
                            .with("Content-Transfer-Encoding", "8bit").answering(threads[thread].messageId),
                        to: [company.address])
                    entries.append(try await company.host.story(of: id).entry)
                }
                self.entries = entries
            }

            var arguments: [String] {
                [
                    "timeline", "--company", company.name, "--candidate", "\(candidate)", "--private-key",
                    company.privateKey,
                ]
            }

            func run(_ options: String...) throws -> Command { try company.ctl.run(arguments + options, timeout: 60) }

            func subjects(_ options: String...) throws -> [String?] {
                let timeline: LeverCtlJSON.Timeline = try LeverCtl.decode(
                    company.ctl.run(arguments + options + ["--json"], timeout: 60).output)
                return timeline.messages.map(\.subject)
            }

            /// The entries that the audit has an opening of, with what was done, since the row.
            func audited(after row: Int64) throws -> [String: String] {
                let rows = try rows(after: row).filter { $0.entry != nil }
                return Dictionary(rows.map { ($0.entry!, $0.action) }) { $1 }
            }

            func rows(after row: Int64 = 0) throws -> [LeverCtlJSON.AuditRow] {
                try company.ctl.json("audit", "list", "--company", company.name, "--after", "\(row)")
            }

            func lastRow() throws -> Int64 { try rows().last?.sequence ?? 0 }
        }

        @Test func `time, thread and number choose what is opened, and nothing else is opened`() async throws {
            let site = try await Site()
            let all: LeverCtlJSON.Timeline = try LeverCtl.decode(site.run("--json").output)
            let second = all.messages[1].time
            let shown = try String(site.run("--utc").text.matches(of: #/── (.*?)  /#)[0].1)
            for (options, expected) in [
                (["--since", second], [1, 2]), (["--since", shown, "--utc"], [0, 1, 2]), (["--until", second], [0]),
                (["--since", "1h"], [0, 1, 2]), (["--until", "1h"], []),
                (["--thread", "\(site.threads[0].thread)"], [0, 2]),
                (["--thread", "\(site.threads[0].thread)", "--last", "1"], [2]),
                (["--since", second, "--until", all.messages[2].time], [1]),
            ] as [([String], [Int])] {
                let row = try site.lastRow()
                let command = try site.company.ctl.run(site.arguments + options, timeout: 60)
                #expect(command.status == 0, "\(options): \(command.errors)")
                #expect(command.text.contains(": \(expected.count) message"), "\(options): \(command.text)")
                #expect(try Set(site.audited(after: row).keys) == Set(expected.map { site.entries[$0] }), "\(options)")
            }
            let stranger = try site.run("--thread", "123")
            #expect(stranger.status == 1 && stranger.errors.contains("no thread 123"))
            for (options, problem) in [
                (["--since", "yesterday"], "neither a duration"), (["--since", "1h", "--until", "2h"], "not before"),
                (["--grep", " "], "nothing to look for"), (["--last", "0"], "1 or more"), (["--force"], "--out"),
                (["--raw", "--format", "html"], "one of them"), (["--json", "--format", "html"], "--json"),
                (["--format", "pdf"], "markdown"),
            ] {
                let command = try site.company.ctl.run(site.arguments + options, timeout: 60)
                #expect(command.status == 2 && command.errors.contains(problem), "\(command.errors)")
            }
        }

        @Test func `--grep opens all that is chosen, and shows what has the text; nothing found is status 1`()
            async throws
        {
            let site = try await Site()
            let row = try site.lastRow()
            #expect(try site.subjects("--grep", "STRASSE 5") == ["<i>Second</i>"])
            #expect(try Set(site.audited(after: row).keys) == Set(site.entries), "all were opened")
            #expect(try site.subjects("--grep", "suit you") == ["<i>Second</i>"], "quoted text is searched too")
            #expect(try site.subjects("--grep", "anna berg").count == 3)
            let text = try site.run("--grep", "third").text
            #expect(text.contains("3 messages, searched for 'third'") && text.contains("Subject  Third"))
            #expect(!text.contains("First"))
            let nothing = try site.run("--grep", "nowhere")
            #expect(nothing.status == 1 && nothing.errors.contains("none of 3 messages has 'nowhere'"))
            let json = try site.run("--grep", "nowhere", "--json")
            let timeline: LeverCtlJSON.Timeline = try LeverCtl.decode(json.output)
            #expect(json.status == 1 && timeline.messages.isEmpty)
        }

        @Test(arguments: ["text", "markdown", "html", "mbox"])
        func `a file to keep has everything, is its owner's alone, and overwrites nothing unless told to`(
            format: String
        ) async throws {
            let site = try await Site()
            let (file, row) = (site.company.directory.file("timeline"), try site.lastRow())
            let written = try site.run("--format", format, "--out", file)
            #expect(written.status == 0 && written.text == "Wrote 3 messages to \(file).\n", "\(written.errors)")
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try Set(site.audited(after: row).values) == ["export"])
            let content = String(decoding: try contents(of: file), as: UTF8.self)
            for text in ["First", "Good day.", "Straße 5", "Third", "See you."] { #expect(content.contains(text)) }
            #expect(content.contains("When") == (format != "text"), "text is as on the terminal: folded")
            if format == "html" {
                #expect(content.contains("&lt;i&gt;Second&lt;/i&gt;") && content.contains("&lt;b&gt;When"))
                #expect(content.contains("<details>") && content.hasSuffix("</html>\n"))
            }

            let again = try site.run("--format", format, "--out", file)
            #expect(again.status == 1 && again.errors.contains("exists and is not overwritten"))
            #expect(try site.run("--format", format, "--out", file, "--force", "--last", "1").status == 0)
            #expect(try contents(of: file).count < content.utf8.count)
            let nowhere = try site.run("--format", format, "--out", "/nonexistent/timeline")
            #expect(nowhere.status == 1 && nowhere.errors.contains("/nonexistent/timeline"))
            let names = try FileManager.default.contentsOfDirectory(atPath: site.company.directory.path)
            #expect(!names.contains { $0.hasPrefix("timeline.") }, "nothing is left of a file that was not finished")
        }

        @Test func `--raw is mbox, as before`() async throws {
            let site = try await Site()
            let raw = try site.run("--raw")
            #expect(raw.status == 0 && raw.text.hasPrefix("From lever-milter "))
            #expect(try site.run("--format", "mbox").text == raw.text)
        }

        @Test func `open shows one message with all that there is to know of it, and is audited`() async throws {
            let site = try await Site()
            let row = try site.lastRow()
            let open = ["open", site.entries[1], "--private-key", site.company.privateKey]
            let text = try site.company.ctl.text(open)
            for part in [
                "Subject  <i>Second</i>", "Date  Mon, 23 Nov 2026 09:12:44 +0100", "Message-ID  <", "Straße 5",
                "> <b>When</b> does it suit you?", "Thread  \(site.threads[1].thread)", "Entry  \(site.entries[1])",
                "Stored  ", "Sealed to  key ",
            ] {
                #expect(text.contains(part), "\(part)")
            }
            #expect(try site.audited(after: row) == [site.entries[1]: "open"])
            let message: LeverCtlJSON.Timeline.Message = try LeverCtl.decode(
                site.company.ctl.run(open + ["--json"], timeout: 60).output)
            #expect(message.entry == site.entries[1] && message.subject == "<i>Second</i>")

            let unknown = "01234567-89ab-7def-8123-456789abcdef"
            let refused = try site.company.ctl.run("open", unknown, "--private-key", site.company.privateKey)
            #expect(refused.status == 1 && refused.errors.contains("no message \(unknown)"))
            #expect(try site.rows().last.map { !$0.allowed } == true, "the audit has the refusal")
        }

        @Test func `on a terminal the passphrase is asked for before the pager starts, and lines fit`() async throws {
            let site = try await Site()
            var environment = site.company.ctl.environment
            environment["LEVER_PASSPHRASE"] = nil
            environment.merge(["TERM": "xterm", "PAGER": "sed 's/^/|/'", "COLUMNS": "60"]) { $1 }
            let terminal = try Terminal([Products.path("leverctl")] + site.arguments, environment: environment)
            try terminal.expect("Passphrase of")
            #expect(!terminal.screen.contains("|"))
            try terminal.type(MailHost.passphrase)
            #expect(try terminal.exitStatus() == 0)
            let colors = /\u{1b}\[[0-9;]*m/
            let lines = terminal.screen.replacing("\r\n", with: "\n").split(separator: "\n")
                .filter { $0.hasPrefix("|") }
            #expect(lines.contains { $0.contains("\u{1b}[1;36minbound") }, "the direction has a colour")
            #expect(lines.allSatisfy { $0.replacing(colors, with: "").count <= 61 })

            environment.merge(["NO_COLOR": "1", "LEVER_PASSPHRASE": MailHost.passphrase]) { $1 }
            let plain = try Terminal([Products.path("leverctl")] + site.arguments, environment: environment)
            #expect(try plain.exitStatus() == 0)
            #expect(!plain.screen.contains("\u{1b}"))
            let raw = try Terminal(
                [Products.path("leverctl")] + site.arguments + ["--raw"], environment: environment)
            #expect(try raw.exitStatus() == 2)
            #expect(raw.screen.contains("could drive the terminal"))
        }
    }
}
