import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

extension IntegrationTests {
    /// An operator's work on messages in the spool, beside a running daemon.
    @Suite
    struct Queue {
        @Test func `waiting messages are shown, held, released and deleted; a delivered one is reported as such`()
            async throws
        {
            let site = try QueueSite()
            let (held, deleted, left, twice) = (
                QueueSite.queueID(), QueueSite.queueID(), QueueSite.queueID(), QueueSite.queueID()
            )
            try await site.takeDatabaseAway()
            try site.send(held, deleted, left, twice, twice)

            let shown: [LeverCtlJSON.QueuedMessage] = try site.ctl.json("queue", "show", held)
            let message = try #require(shown.first)
            #expect(message.queueId == held && message.state == "waiting" && message.whole)
            #expect(message.company == site.host.acme.id && message.thread == site.host.acme.thread)
            #expect(message.file == "\(site.daemon.spool)/new/\(message.entry)")
            #expect(message.fileSize > message.sealedSize && message.sealedSize > message.size && message.size > 100)
            #expect(message.sealedTo.map(\.count) == [40] && message.signedBy == nil)
            #expect(message.recipients == 1 && message.indexVersion == 1 && message.waits != nil)
            let text = try site.ctl.text("queue", "show", message.entry.uppercased())
            for line in ["Queue id       \(held)", "Whole          yes", "Signed by      nobody"] {
                #expect(text.contains("\(line)\n"), "\(text)")
            }

            let hold: [LeverCtlJSON.QueueChange] = try site.ctl.json(
                "queue", "quarantine", held, "--reason", "is being looked at")
            #expect(hold.map(\.result) == ["quarantined"] && hold[0].entry == message.entry)
            let item = try #require(try site.items().first { $0.queueId == held })
            #expect(item.state == "quarantine")
            #expect(item.reason?.hasSuffix(" held by an operator: is being looked at") == true)

            for (confirm, problem) in [(nil, "Give --confirm"), ("yes", "nothing was changed")] {
                let refused = try site.ctl.run(
                    ["queue", "delete", deleted] + (confirm.map { ["--confirm", $0] } ?? []), timeout: 60)
                #expect(refused.status == 1 && refused.errors.contains(problem), "\(refused.errors)")
            }
            let victim = try #require(try site.items().first { $0.queueId == deleted }?.entry)
            #expect(
                try site.ctl.text("queue", "delete", deleted, "--confirm", deleted)
                    == "\(deleted): deleted (entry \(victim), was waiting)\n")

            // A word that names two, one that names none, one for the wrong command: reported, and the rest is done.
            let entries = try site.items().filter { $0.queueId == twice }.map(\.entry)
            let several = try site.ctl.run("queue", "quarantine", twice, "4nowhere", entries[0])
            #expect(several.status == 1 && several.text.contains("\(twice): quarantined (entry \(entries[0])"))
            #expect(several.errors.contains("is the queue id of 2 messages") && several.errors.contains(entries[1]))
            #expect(several.errors.contains("4nowhere is not in the spool"))
            let wrong = try site.ctl.run("queue", "release", left)
            #expect(wrong.status == 1 && wrong.errors.contains("\(left) is not in quarantine: it waits"))
            #expect(try site.ctl.run("queue", "quarantine", held).errors.contains("is in quarantine already"))

            try site.bringDatabaseBack()
            #expect(try await site.daemon.story(of: left).outcome == "captured")
            #expect(try await site.daemon.story(of: twice).outcome == "captured")
            #expect(try site.stored(message.entry) == 0 && site.stored(victim) == 0 && site.stored(entries[0]) == 0)
            // The daemon polls once a minute, so it is woken.
            #expect(try site.ctl.text("queue", "release", held).hasSuffix("shows what is left.\n"))
            #expect(try await site.daemon.story(of: held).outcome == "captured")
            for command in ["release", "quarantine"] {
                let late = try site.ctl.run("queue", command, held)
                #expect(late.status == 1 && late.errors.contains("\(held) was delivered already"))
            }
            #expect(try site.ctl.text("queue", "show", held).contains("State          delivered\n"))
            try site.ctl.check("queue", "delete", held, "--confirm", held)
            #expect(try !site.items(delivered: true).contains { $0.queueId == held })
            #expect(try site.stored(message.entry) == 1)

            try site.ctl.check("queue", "release", "ALL")
            try await waitUntil("the other one to be stored") { try site.stored(entries[0]) == 1 }
            #expect(try site.daemon.log().filter { $0.contains("error:") || $0.contains("moved") } == [])
        }

        @Test
        func `a damaged message is not released and gets advice; ALL skips it and takes the others`()
            async throws
        {
            let site = try QueueSite()
            let (good, bad) = (QueueSite.queueID(), QueueSite.queueID())
            try await site.takeDatabaseAway()
            try site.send(good, bad)
            try site.ctl.check("queue", "quarantine", "ALL")
            let items = try site.items()
            #expect(items.count == 2 && items.allSatisfy { $0.state == "quarantine" })
            let file = "\(site.daemon.spool)/quarantine/\(items.first { $0.queueId == bad }!.entry)"
            var bytes = try contents(of: file)
            bytes[bytes.count / 2] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: file))

            let released = try site.ctl.run("queue", "release", "ALL")
            #expect(released.status == 1 && released.text.contains("\(good): released"))
            #expect(
                released.errors.contains("damaged (the digest does not match") && released.errors.contains("replay"))
            #expect(try site.ctl.text("queue", "show", bad).contains("no: the digest does not match"))
            try site.bringDatabaseBack()
            #expect(try await site.daemon.story(of: good).outcome == "captured")
            try site.ctl.check("queue", "delete", "ALL", "--confirm", "ALL")
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(site.daemon.spool)/quarantine") == [])
        }

        @Test func `root and the daemon's user can work on the spool, and another user is told who may`()
            async throws
        {
            try #require(geteuid() == 0)
            let directory = try TemporaryDirectory("userspool")
            let spool = try directory.makeDirectory("spool", mode: 0o700, owner: "nobody")
            let site = try QueueSite(as: "nobody", spool: spool)
            let ids = [QueueSite.queueID(), QueueSite.queueID()]
            try await site.takeDatabaseAway()
            try site.send(ids[0], ids[1])
            try site.ctl.check("queue", "quarantine", "ALL", "--reason", "by root")
            let owners = try Command.check(["find", spool, "-mindepth", "2", "-printf", "%u %m\\n"])
            #expect(Set(owners.split(separator: "\n")) == ["nobody 600"] && owners.split(separator: "\n").count == 4)

            func queue(as user: String, _ arguments: [String]) throws -> Command {
                try Command.run(
                    QueueSite.becoming(user) + [Products.path("leverctl"), "queue"] + arguments,
                    environment: site.ctl.environment)
            }
            for arguments in [
                ["list"], ["flush"], ["show", ids[0]], ["release", "ALL"], ["quarantine", "ALL"],
                ["delete", ids[0], "--confirm", ids[0]],
            ] {
                let refused = try queue(as: "daemon", arguments)
                #expect(refused.status == 1 && refused.text.isEmpty)
                #expect(
                    refused.errors
                        == "leverctl: no access to the spool \(spool); run this as root or as the user that lever-milter "
                        + "runs as\n", "\(arguments)")
            }
            #expect(try queue(as: "nobody", ["list"]).text.contains("held by an operator: by root"))
            #expect(try queue(as: "nobody", ["release", ids[0]]).status == 0)
            try site.ctl.check("queue", "release", ids[1])
            try site.bringDatabaseBack()
            for id in ids { #expect(try await site.daemon.story(of: id).outcome == "captured") }
            #expect(try site.daemon.log().filter { $0.contains("error:") } == [])
        }

        @Test
        func `without a daemon the commands work and say who delivers; without a spool they say so`()
            async throws
        {
            let site = try QueueSite()
            let id = QueueSite.queueID()
            try await site.takeDatabaseAway()
            try site.send(id)
            _ = try site.daemon.current.terminate()
            try site.ctl.check("queue", "quarantine", id)
            #expect(try site.ctl.text("queue", "release", id).contains("No lever-milter runs on the spool"))
            try site.daemon.configure("")
            try site.daemon.start()
            #expect(try await site.daemon.story(of: id).outcome == "captured")

            let directory = try TemporaryDirectory("nospool")
            let absent = LeverCtl(
                configuration: try directory.write("ctl.yaml", "spool: \(directory.file("spool"))\n"))
            for arguments in [["list"], ["flush"], ["show", "x"], ["release", "ALL"], ["quarantine", "x"]] {
                let refused = try absent.run(["queue"] + arguments, timeout: 60)
                #expect(refused.status == 1 && refused.errors.contains("there is no spool in"), "\(arguments)")
            }
        }

        @Test
        func
            `messages held and released while the daemon delivers end up in the database once, or in quarantine`()
            async throws
        {
            let site = try QueueSite()
            let commands = DispatchGroup()
            let race = Race()
            for words in [["quarantine", "ALL"], ["release", "ALL"]] {
                commands.enter()
                Thread.detachNewThread {
                    while !race.isOver.load(ordering: .acquiring) {
                        do {
                            let command = try site.ctl.run(["queue"] + words, timeout: 60)
                            if command.status != 0 { race.problems.withLock { $0.append(command.errors) } }
                        } catch {
                            race.problems.withLock { $0.append("\(error)") }
                        }
                    }
                    commands.leave()
                }
            }
            let client = try site.daemon.connect()
            var entries: [String] = []
            for _ in 0..<150 {
                let id = QueueSite.queueID()
                #expect(try client.transfer(.marked(by: site.host.acme), queueID: id) == .proceed)
                entries.append(id)
            }
            race.isOver.store(true, ordering: .releasing)
            await withCheckedContinuation { continuation in commands.notify(queue: .global()) { continuation.resume() }
            }
            #expect(race.problems.withLock { $0 } == [])
            try await waitUntil("what is not held to be delivered") {
                try FileManager.default.contentsOfDirectory(atPath: "\(site.daemon.spool)/new").isEmpty
            }

            let ids = entries.map { "'\($0)'" }.joined(separator: ",")
            func stored() throws -> [String] {
                try site.host.query("SELECT queue_id FROM lever.message WHERE queue_id IN (\(ids))")
                    .split(separator: "\n").map(String.init)
            }
            let held = try site.items().filter { $0.state == "quarantine" }.compactMap(\.queueId)
            #expect(try (stored() + held).sorted() == entries.sorted())
            try site.ctl.check("queue", "release", "ALL")
            for id in entries { _ = try await site.daemon.story(of: id) }
            #expect(try stored().sorted() == entries.sorted())
            for id in entries { #expect(try site.daemon.stories(of: id).count == 1) }
            #expect(try site.daemon.log().filter { $0.contains("error:") || $0.contains("warning:") } == [])
        }

        /// What the threads of a race share.
        private final class Race: Sendable {
            let isOver = Atomic(false)
            let problems = Mutex<[String]>([])
        }
    }
}
