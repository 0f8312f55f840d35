import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// kill -9 between every two relevant system calls, and the next start: a message the sender saw accepted is on the
    /// timeline once, and one that was not accepted is there once after the sender's retry.
    @Suite
    struct CrashTable {
        @Test(arguments: CrashPoint.receiving)
        func `the filter is killed while it receives a message`(_ point: CrashPoint) async throws {
            let host = try OwnMailHost("crash-\(Letter.unique())", faults: CrashPoint.deliveryWaits)
            let letter = try Letter.marked(by: MailHost.shared.get().acme, isLarge: point.isLarge)
            try host.set(CrashPoint.deliveryWaits + point.faults)
            let reply = try host.transfer(letter)
            #expect(reply.code == (point.isAccepted ? 250 : 451), "\(reply)")
            try expectKilled(host, at: point)
            #expect(try host.files().map { String($0.prefix { $0 != "/" }) } == point.leaves)

            try host.set([])
            try host.start()
            if !point.isAccepted { #expect(try host.transfer(letter).code == 250) }
            try await expectStoredOnce(letter, host)
        }

        /// A killed process loses nothing it wrote, but a crashed host does; there only the order of system calls
        /// counts.
        @Test func `Postfix gets its answer after file, name and directory are durable, in this order`()
            async throws
        {
            let host = try OwnMailHost(
                "crash-\(Letter.unique())",
                faults: [
                    Fault("write", [.write, .truncate], path: "^{spool}/tmp/", do: .note),
                    Fault("fsync", [.fsync], path: "^{spool}/tmp/", when: .after, do: .note),
                    Fault("rename", [.rename], path: "^{spool}/tmp/", do: .note),
                    Fault("fsync of new/", [.fsync], path: "^{spool}/new", when: .after, do: .note),
                    Fault("answer", [.write], path: "{filter}", after: "write", do: .note),
                ])
            #expect(try host.transfer(Letter.marked(by: MailHost.shared.get().acme)).code == 250)
            #expect(try host.hits() == ["write", "fsync", "rename", "fsync of new/", "answer"])
        }

        @Test(arguments: CrashPoint.delivering)
        func `the filter is killed while it delivers a message`(_ point: CrashPoint) async throws {
            let host = try OwnMailHost("crash-\(Letter.unique())", faults: CrashPoint.deliveryWaits)
            let letter = try Letter.marked(by: MailHost.shared.get().acme, isLarge: point.isLarge)
            #expect(try host.transfer(letter).code == 250)
            try host.set(point.faults)
            try expectKilled(host, at: point)
            if point.isCommitted {
                try await waitUntil("the database to be done with COMMIT") { try host.stored().count == 1 }
            } else {
                #expect(try host.stored().isEmpty)
            }

            try host.set([])
            try host.start()
            try await expectStoredOnce(letter, host)
        }

        @Test(arguments: CrashPoint.quarantining)
        func `the filter is killed while it moves a message to quarantine`(_ point: CrashPoint) async throws {
            let host = try OwnMailHost("crash-\(Letter.unique())", faults: CrashPoint.deliveryWaits)
            let shared = try MailHost.shared.get()
            let letter = try Letter("Lost thread").answering(shared.markerOfNoThread(of: shared.acme))
            #expect(try host.transfer(letter).code == 250)
            try host.set(point.faults)
            try expectKilled(host, at: point)

            try host.set([])
            try host.start()
            try await host.daemon.line(with: "routing=")
            let files = try await waitFor("the message to be in quarantine alone") { () -> [String]? in
                let files = try host.files()
                return files.count == 2 && files.allSatisfy { $0.hasPrefix("quarantine/") } ? files : nil
            }
            #expect(files[1] == files[0] + ".reason")
            #expect(try contents(of: "\(host.spool)/\(files[1])").contains("unknown_thread"))
            #expect(try host.stored().isEmpty)
        }

        @Test(arguments: CrashPoint.starting)
        func `the filter is killed while it starts after a crash`(_ point: CrashPoint) async throws {
            let host = try OwnMailHost("crash-\(Letter.unique())", faults: CrashPoint.deliveryWaits)
            let letter = try Letter.marked(by: MailHost.shared.get().acme)
            #expect(try host.transfer(letter).code == 250)
            try host.daemon.kill()
            try Command.check(["touch", host.spool + "/tmp/begun", host.spool + "/new/damaged"])
            try Command.check(["rm", host.spool + "/routing"])
            try host.set(point.faults)
            #expect(throws: HarnessError.self) { try host.start() }
            #expect(try host.hits().last == point.fault)

            try host.set([])
            try host.start()
            try await expectStoredOnce(letter, host, besides: ["quarantine/damaged", "quarantine/damaged.reason"])
        }

        // MARK: Steps

        private func expectKilled(
            _ host: OwnMailHost, at point: CrashPoint, sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            #expect(try host.daemon.waitForExit() == 128 + 9, sourceLocation: sourceLocation)
            // Not always the last one: another thread may hit its own while the process ends.
            #expect(try host.hits().contains(point.fault), sourceLocation: sourceLocation)
        }
    }
}
