import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Starts on a disk that is full or read-only.
    @Suite
    struct DiskStart {
        /// Failing writes of a start, and whether marked mail can be accepted nevertheless.
        static let writesOfStart: [(name: String, fault: Fault, takesMail: Bool)] = [
            ("the process id", Fault("f", [.write], path: "^{spool}/lock", do: .fail(ENOSPC)), true),
            ("the lock file", Fault("f", [.create], path: "^{spool}/lock", do: .fail(ENOSPC)), true),
            ("the FIFO", Fault("f", [.mkfifo], path: "^{spool}/trigger", do: .fail(ENOSPC)), true),
            ("the copy of routing", Fault("f", [.create], path: "^{spool}/routing", do: .fail(ENOSPC)), true),
            ("a directory", Fault("f", [.mkdir], path: "^{spool}/new", do: .fail(ENOSPC)), false),
            ("fsync of a directory", Fault("f", [.fsync], path: "^{spool}", do: .fail(EIO)), false),
        ]

        @Test(arguments: writesOfStart.indices)
        func `a first start that cannot write for lack of space raises an alarm, and mail flows`(_ index: Int)
            async throws
        {
            let (_, fault, takesMail) = Self.writesOfStart[index]
            let directory = try TemporaryDirectory("disk")
            // Created beforehand, so that the daemon neither creates it nor syncs its parent.
            let spool = try directory.makeDirectory("spool")
            let host = try OwnMailHost("disk-\(Letter.unique())", spool: spool, faults: [fault])
            #expect(try host.hits().contains("f"))
            #expect(try host.log().contains { $0.hasPrefix("error: ") })
            #expect(try host.transfer(Letter("Unmarked")).code == 250)
            let letter = try Letter.marked(by: MailHost.shared.get().acme)
            if !takesMail {
                #expect(try host.transfer(letter).code == 451)
                try host.set([])
            }
            #expect(try host.transfer(letter).code == 250)
            try await expectStoredOnce(letter, host)
        }

        /// What the file system of a spool lacks.
        enum Lack: String {
            case room, inodes
            case writing = "leave to write"

            func begin(_ mount: Mount, _ spool: String) throws {
                switch self {
                case .room:
                    #expect(try Command.run(["dd", "if=/dev/zero", "of=\(spool)/filler", "bs=1k"]).status == 1)
                case .inodes:
                    try Command.check(["sh", "-c", "i=0; while touch \(spool)/filler$i; do i=$((i + 1)); done"])
                case .writing: try mount.remount("ro")
                }
            }

            func end(_ mount: Mount, _ spool: String) throws {
                switch self {
                case .room, .inodes: try Command.check(["sh", "-c", "rm \(spool)/filler*"])
                case .writing: try mount.remount("rw")
                }
            }

            var reason: String { self == .writing ? "Read-only file system" : "No space left on device" }
        }

        @Test(arguments: [Lack.inodes, .writing])
        func `a new spool on a full disk: unmarked mail flows, marked mail is deferred`(
            _ lack: Lack
        ) async throws {
            let directory = try TemporaryDirectory("disk")
            let mount = try Mount(
                at: try directory.makeDirectory("spool"), lack == .inodes ? "nr_inodes=1" : "ro,nr_inodes=50")
            defer { mount.unmount() }
            let host = try OwnMailHost("disk-\(Letter.unique())", spool: directory.file("spool"))
            #expect(try host.log().contains { $0.hasPrefix("error: ") && $0.contains(lack.reason) })
            let letter = try Letter.marked(by: MailHost.shared.get().acme)
            try await expectTempfail(letter, host, reason: lack.reason)

            try mount.remount("rw,nr_inodes=50")
            #expect(try host.transfer(letter).code == 250)
            try await expectStoredOnce(letter, host)
        }

        @Test(arguments: [Lack.room, .inodes, .writing])
        func `a start on a disk that became full or read-only: unmarked mail flows, marked mail is deferred`(
            _ lack: Lack
        ) async throws {
            let directory = try TemporaryDirectory("disk")
            let mount = try Mount(at: try directory.makeDirectory("spool"), "size=8m,nr_inodes=50")
            defer { mount.unmount() }
            let host = try OwnMailHost(
                "disk-\(Letter.unique())", spool: directory.file("spool"), faults: CrashPoint.deliveryWaits)
            let acme = try MailHost.shared.get().acme
            let waiting = try #require(host.transfer(Letter.marked(by: acme)).queueID)
            try host.daemon.kill()
            try Command.check(["touch", host.spool + "/tmp/begun"])
            // Written when the database was first seen; a crash may come before.
            try Command.check(["rm", "-f", host.spool + "/history"])
            try lack.begin(mount, host.spool)
            try host.start()
            let letter = Letter.marked(by: acme, isLarge: true)
            if lack == .writing {
                // Waiting messages are delivered from there as well. The file stays, and is not delivered again.
                try host.set([])
                #expect(try await host.story(of: waiting).outcome == "captured")
            } else {
                // Delivery frees no space, but what a crash left does.
                #expect(try host.files().map { $0.prefix(4) } == ["new/"])
                try lack.begin(mount, host.spool)
            }
            try await expectTempfail(letter, host, reason: lack.reason)

            try lack.end(mount, host.spool)
            try host.set([])
            #expect(try host.transfer(letter).code == 250)
            try await waitUntil("both to be stored") { try host.stored().count == 2 }
            try await waitUntil("the spool to be empty") {
                try host.files().allSatisfy { $0.hasPrefix("delivered/") || $0 == "tmp/begun" }
            }
            #expect(try host.log().count { $0.contains("outcome=captured") } == 2)
        }

        @Test
        func `a spool that cannot be created, or is another daemon's on a read-only disk, is reported on one line`()
            throws
        {
            let directory = try TemporaryDirectory("disk")
            let mount = try Mount(at: try directory.makeDirectory("spool"), "size=1m")
            defer { mount.unmount() }
            let host = try OwnMailHost("disk-\(Letter.unique())", spool: directory.file("spool"))
            func start(_ spool: String) throws -> Command {
                let path = try directory.write(
                    "other.yaml",
                    MailHost.configuration(
                        socket: "inet:\(try Loopback.freePort())@127.0.0.1", spool: spool,
                        database: try MailHost.shared.get().ingestDatabase))
                return try Command.run([Products.path("lever-milter"), "--config", path], timeout: 20)
            }
            let second = try start(host.spool)
            #expect(second.status == 1 && second.errors.contains("another lever-milter uses the spool"))
            #expect(try host.daemon.terminate() == 0)
            try mount.remount("ro")
            let nested = try start(host.spool + "/nested")
            #expect(nested.status == 1 && nested.errors.contains("make the file system writable"), "\(nested.errors)")
            #expect(nested.errors.split(separator: "\n").count == 1, "\(nested.errors)")

            // On the read-only disk, one daemon at a time.
            try host.start()
            let third = try start(host.spool)
            #expect(
                third.status == 1 && third.errors.contains("another lever-milter uses the spool"), "\(third.errors)")
        }
    }
}
