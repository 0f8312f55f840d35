import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The disk is full, read-only, failing or slow. A marked message is deferred, nothing of it is left, and other
    /// mail passes.
    @Suite
    struct Disk {
        /// A system call of the spool that fails while a message is received.
        struct Failure: CustomTestStringConvertible {
            let testDescription: String
            var isLarge = false
            let faults: [Fault]
            let reason: String

            init(_ name: String, isLarge: Bool = false, _ faults: Fault..., reason: String) {
                testDescription = name
                self.isLarge = isLarge
                self.faults = faults
                self.reason = reason
            }

            /// That many writes succeed, one is short, and the next ones fail for lack of space.
            static func full(_ name: String, isLarge: Bool = false, after writes: Int, content: String = "") -> Failure
            {
                Failure(
                    name, isLarge: isLarge,
                    Fault(
                        "short", [.write], path: "^{spool}/tmp/", content: content, skip: writes, times: 1,
                        do: .short(100)),
                    Fault("full", [.write], path: "^{spool}/tmp/", after: "short", do: .fail(ENOSPC)),
                    reason: "No space left on device")
            }

            static func failing(_ name: String, _ call: Fault.Call, _ path: String, _ code: Int32) -> Failure {
                Failure(
                    name, Fault("failing", [call], path: path, do: .fail(code)), reason: String(cString: strerror(code))
                )
            }
        }

        static let failures: [Failure] = [
            .failing("no room or no inode for the file", .create, "^{spool}/tmp/", ENOSPC),
            .failing("over quota", .create, "^{spool}/tmp/", EDQUOT),
            .failing("read-only", .create, "^{spool}/tmp/", EROFS),
            .failing("no descriptor left", .create, "^{spool}/tmp/", EMFILE),
            .full("full at the only write of a small message", after: 0),
            .full("full at the first write of a large message", isLarge: true, after: 0),
            .full("full at the second write", isLarge: true, after: 1),
            .full("full in the middle of the body", isLarge: true, after: 10),
            .full("full when the header is filled in", isLarge: true, after: 1, content: "{host}"),
            .full("full at the end record", isLarge: true, after: 0, content: "LVSPEND1"),
            .failing("a write error", .write, "^{spool}/tmp/", EIO),
            .failing("fsync of the file fails", .fsync, "^{spool}/tmp/", EIO),
            .failing("fsync of the file finds no room", .fsync, "^{spool}/tmp/", ENOSPC),
            .failing("rename fails", .rename, "^{spool}/tmp/", EIO),
            .failing("rename finds no room for the name", .rename, "^{spool}/tmp/", ENOSPC),
            .failing("fsync of the directory fails", .fsync, "^{spool}/new", EIO),
        ]

        @Test(arguments: failures)
        func `a system call fails while a marked message is received: 451, one line, nothing left behind`(
            _ failure: Failure
        )
            async throws
        {
            let host = try OwnMailHost("disk-\(Letter.unique())", faults: failure.faults)
            let letter = try Letter.marked(by: MailHost.shared.get().acme, isLarge: failure.isLarge)
            try await expectTempfail(letter, host, reason: failure.reason)
            #expect(try host.hits() == failure.faults.map(\.name), "a call that failed is not made again")
            #expect(try host.files() == [])

            try host.set([])
            #expect(try host.transfer(letter).code == 250)
            try await expectStoredOnce(letter, host)
        }

        @Test(arguments: ["size=16k", "nr_inodes=1", "ro"])
        func `real file systems: full, out of inodes, read-only`(_ options: String) async throws {
            let host = try OwnMailHost("disk-\(Letter.unique())")
            let mount = try Mount(at: host.spool + "/tmp", options)
            defer { mount.unmount() }
            let letter = try Letter.marked(by: MailHost.shared.get().acme, isLarge: true)
            try await expectTempfail(
                letter, host, reason: options == "ro" ? "Read-only file system" : "No space left on device")
            #expect(try host.files() == [])

            mount.unmount()
            #expect(try host.transfer(letter).code == 250)
            try await expectStoredOnce(letter, host)
        }

        @Test
        func `a refused message that could not be removed from the spool is stored once`()
            async throws
        {
            let host = try OwnMailHost(
                "disk-\(Letter.unique())",
                faults: [
                    Fault("fsync", [.fsync], path: "^{spool}/new", times: 1, do: .fail(EIO)),
                    Fault("unlink", [.unlink], path: "^{spool}/new/", times: 1, do: .fail(EIO)),
                ])
            let letter = try Letter.marked(by: MailHost.shared.get().acme)
            #expect(try host.transfer(letter).code == 451)
            #expect(try host.hits() == ["fsync", "unlink"])
            #expect(try host.transfer(letter).code == 250)
            try await expectStoredOnce(letter, host)
        }

        @Test func `a delivered message whose file cannot be removed is delivered once, and the file removed later`()
            async throws
        {
            let host = try OwnMailHost(
                "disk-\(Letter.unique())",
                faults: [Fault("kept", [.unlink, .rename], path: "^{spool}/new/", do: .fail(EROFS))])
            let letter = try Letter.marked(by: MailHost.shared.get().acme)
            let id = try #require(host.transfer(letter).queueID)
            #expect(try await host.story(of: id).outcome == "captured")
            // The delivery thread retries it again and again.
            try await waitUntil("more tries to remove it") { try host.hits().count > 3 }
            #expect(try host.files().count == 1)

            try host.set([])
            try await expectStoredOnce(letter, host)
            #expect(try host.log().count { $0.contains("error: ") } == 1)
        }

        @Test(arguments: [false, true])
        func `a waiting message that cannot be read, wholly or partly, blocks neither a start nor other messages`(
            _ isInPart: Bool
        ) async throws {
            let host = try OwnMailHost(
                "disk-\(Letter.unique())", pollInterval: 3600, faults: CrashPoint.deliveryWaits)
            let acme = try MailHost.shared.get().acme
            let first = try #require(host.transfer(Letter.marked(by: acme)).queueID)
            let path = try host.spool + "/" + #require(host.files().first)
            let second = try #require(host.transfer(Letter.marked(by: acme)).queueID)
            try host.daemon.kill()
            // docs/reference/formats.md: the tail follows 8 bytes, the preamble's length, and the preamble.
            let tail = try contents(of: path)[8..<12].reduce(0) { $0 << 8 | Int($1) } + 12
            let sector = isInPart ? "\(path) from \(tail) " : path
            try host.set([Fault("bad sector", [.read], path: sector, do: .fail(EIO))])
            try host.start()
            for _ in 0..<3 {
                let next = try #require(host.transfer(Letter.marked(by: acme)).queueID)
                #expect(try await host.story(of: next).outcome == "captured")
            }
            #expect(try await host.story(of: second).outcome == "captured")
            #expect(try host.stored().count == 4 && !host.log().contains { $0.hasPrefix("\(first): outcome") })
            // One at the start and one at the first try, after which it is left alone for a while.
            let alarms = try host.log().filter { $0.contains("error: cannot read") }
            #expect(alarms.count == 2 && alarms.allSatisfy { $0.contains("Input/output error") }, "\(alarms)")

            try host.set([])
            try host.flush()
            #expect(try await host.story(of: first).outcome == "captured")
            #expect(try host.stored().count == 5)
        }

        @Test func `while the disk is slow, nothing fails and other mail does not wait for it`() async throws {
            let host = try OwnMailHost(
                "disk-\(Letter.unique())", faults: [Fault("slow", [.fsync], path: "^{spool}/tmp/", do: .hold)])
            let acme = try MailHost.shared.get().acme
            let clients = try (0..<20).map { _ in
                let client = try SMTPClient(port: host.postfix.port())
                try client.envelope(from: "anna@home.example", to: ["rita@acme.example"])
                #expect(try client.command("DATA").code == 354)
                try client.send(SMTPClient.dotStuffed(Letter.marked(by: acme).bytes))
                return client
            }
            try await waitUntil("all of them to be in fsync") { try host.hits().count == clients.count }
            #expect(try host.transfer(Letter("Unmarked")).code == 250)

            try host.set([])
            for client in clients { #expect(try client.reply().code == 250) }
            try await waitUntil("all of them to be stored") { try host.stored().count == clients.count }
        }
    }
}
