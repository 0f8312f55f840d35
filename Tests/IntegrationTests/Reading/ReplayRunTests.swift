import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Runs of `leverctl replay` that cannot do everything: refused, interrupted, or without the database.
    @Suite
    struct ReplayRuns {
        @Test
        func `replay stores nothing in observe mode, is refused in forward mode, and stores in store+forward`()
            async throws
        {
            let site = try await ReplaySite()
            let company = site.company
            let mail = try site.directory.write("one.eml", site.letter("One").with("Cc", company.address).bytes)
            try company.ctl.check("company", "set", company.name, "--capture", "observe")
            #expect(try site.run(mail).summary.outcomes == ["observe_only": 1])
            try company.ctl.check(
                "company", "set", company.name, "--capture", "forward", "--forward-to", "archive@forward.example")
            let refused = try site.ctl.run("replay", mail, "--company", company.domain)
            #expect(refused.status == 1 && refused.errors.contains("is forwarded and not stored"))
            #expect(try site.stored() == [])
            try company.ctl.check("company", "set", company.name, "--capture", "store+forward")
            #expect(try site.run(mail).summary.outcomes == ["captured": 1])
        }

        @Test func `missing and misspelt arguments are reported before anything is done`() async throws {
            let site = try await ReplaySite()
            let mail = try site.directory.write("one.eml", site.letter("One").bytes)
            for (arguments, problem) in [
                ([mail, "--company", "nobody.example"], "no company has the id or the domain 'nobody.example'"),
                ([mail, "--company", site.company.name], "leverctl company list"),
                ([site.directory.file("missing"), "--company", site.company.domain], "No such file"),
                ([site.directory.path, "--company", site.company.domain, "--format", "maildir"], "no maildir"),
                ([mail, "--company", site.company.domain, "--format", "mbox"], "no mbox"),
            ] {
                let command = try site.ctl.run(["replay"] + arguments, timeout: 60)
                #expect(command.status == 1 && command.errors.contains(problem), "\(command.errors)")
                #expect(command.errors.split(separator: "\n").count == 1)
            }
            #expect(try site.ctl.run("replay", mail, "--company", site.company.domain, "--format", "pst").status == 2)
            #expect(try site.stored() == [])
        }

        @Test func `an interrupted replay ends after its batch with a summary, and the next run stores the rest once`()
            async throws
        {
            let site = try await ReplaySite("delivery_batch: 5")
            let count = 1500
            let mbox = try site.directory.write("mbox", site.mbox(of: count))
            let output = site.directory.file("output")
            let process = try ChildProcess(
                [Products.path("leverctl"), "replay", mbox, "--company", site.company.domain],
                environment: site.ctl.environment, output: output)
            try await waitUntil("some to be stored") { try site.stored().count > 20 }
            process.send(SIGINT)
            #expect(try process.waitForExit(timeout: 60) == 1)
            let text = String(decoding: try contents(of: output), as: UTF8.self)
            let stored = try site.stored().count
            #expect(stored < count)
            #expect(text.contains("captured  \(stored)\n") && text.contains("interrupted; run it again"), "\(text)")
            #expect(try site.run(mbox).summary.outcomes == ["captured": count - stored, "duplicate": stored])
        }

        @Test
        func `a replay outlasts a database outage and stores everything once; without a database it says so`()
            async throws
        {
            let site = try await ReplaySite("delivery_batch: 5")
            let count = 1500
            let mbox = try site.directory.write("mbox", site.mbox(of: count))
            let output = site.directory.file("output")
            let process = try ChildProcess(
                [Products.path("leverctl"), "replay", mbox, "--company", site.company.domain, "--json"],
                environment: site.ctl.environment, output: output)
            try await waitUntil("some to be stored") { try site.stored().count > 20 }
            try site.host.postgres.stop()
            try site.host.postgres.start()
            #expect(try process.waitForExit(timeout: 120) == 0)
            let summary: LeverCtlJSON.ReplaySummary = try LeverCtl.decode(contents(of: output))
            // For a batch whose answer was lost, the database repeats "captured".
            #expect(summary.outcomes == ["captured": count])
            #expect(try site.stored().count == count)

            let away = try await ReplaySite(database: "host=127.0.0.1 port=1 dbname=lever user=mx1")
            let refused = try away.ctl.run("replay", mbox, "--company", away.company.domain)
            #expect(refused.status == 1 && refused.errors.hasPrefix("leverctl: database: no connection"))
        }
    }
}
