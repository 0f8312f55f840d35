import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Overload {
        @Test func `above session_limit marked mail is deferred with a reply that says so; other mail passes`()
            async throws
        {
            let host = try MailHost.shared.get()
            let own = try OwnDaemon("session_limit: 2")
            let within = [try own.connect(), try own.connect()]
            let surplus = try own.connect()
            let (refused, passed) = (Letter.unique(), Letter.unique())
            let letter = Letter("One too many").answering(host.acme.marker)
            #expect(
                try surplus.begin(refused).replyText
                    == "451 4.3.2 Too much mail at this moment, please try again later")
            #expect(try await own.story(of: refused).line.contains("3 sessions are open, 'session_limit' is 2"))
            #expect(try surplus.begin(Letter.unique(), to: "ben@elsewhere.example") == .accept)
            #expect(try within[0].transfer(letter, queueID: passed) == .proceed)
            #expect(try await own.story(of: passed).outcome == "captured")
            try within[1].quit()
            let again = try await waitFor("room for the session") {
                let id = Letter.unique()
                return try surplus.transfer(letter, queueID: id) == .proceed ? id : nil
            }
            #expect(try await own.story(of: again).outcome == "duplicate")
        }

        @Test func `above in_flight_limit a message is deferred and its file removed; others go on`()
            async throws
        {
            let host = try MailHost.shared.get()
            let own = try OwnDaemon("message_size_limit: 2000000\nin_flight_limit: 2000000")
            let (large, small) = (try own.connect(), try own.connect())
            let (first, second) = (Letter.unique(), Letter.unique())
            let part = [UInt8](repeating: 0x61, count: 60_000)
            #expect(try large.begin(first) == .proceed)
            #expect(try large.header(of: Letter("Large").answering(host.acme.marker)) == .proceed)
            for _ in 0..<20 { try large.body(part) }
            try await waitUntil("the large one to be in the spool") {
                try Command.check(["find", own.spool + "/tmp", "-type", "f", "-size", "+1000k"]).isEmpty == false
            }
            var letter = Letter("Not now").answering(host.acme.marker)
            letter.body = Array(repeatElement(part, count: 20).joined().prefix(65_000))
            #expect(try small.begin(second) == .proceed)
            #expect(try small.header(of: letter) == .proceed)
            for _ in 0..<20 { try small.body(part) }
            try small.endMessage()
            #expect(try small.reply().replyText?.hasPrefix("451 4.3.2") == true)
            #expect(try await own.story(of: second).line.contains("'in_flight_limit' is 2000000"))
            try large.endMessage()
            #expect(try large.reply() == .proceed)
            #expect(try await own.story(of: first).outcome == "captured")
            #expect(try small.transfer(letter, queueID: second) == .proceed)
            #expect(try FileManager.default.contentsOfDirectory(atPath: own.spool + "/tmp") == [])
        }

        @Test func `sessions that become ready together do not queue behind those that wait for the disk`()
            async throws
        {
            let host = try MailHost.shared.get()
            let faults = try FaultInjection()
            let own = try OwnDaemon(faults: faults)
            // libmilter keeps two idle workers, and serves older sessions first.
            let (marked, others) = (
                try (0..<2).map { _ in try own.connect() }, try (0..<3).map { _ in try own.connect() }
            )
            let ids = marked.map { _ in Letter.unique() }
            for (client, id) in zip(marked, ids) {
                #expect(try client.begin(id) == .proceed)
                #expect(try client.header(of: Letter("Slow").answering(host.acme.marker)) == .proceed)
                try client.body(Array("Slow\r\n".utf8))
            }
            for client in others { #expect(try client.begin(Letter.unique()) == .proceed) }
            try faults.set([Fault("disk", [.fsync], path: "spool/tmp/", do: .hold)])

            own.current.send(SIGSTOP)
            for client in marked { try client.endMessage() }
            for client in others {
                try client.header("Subject", " Lunch")
                try client.send(MilterClient.Packet("N"))
            }
            own.current.send(SIGCONT)
            for client in others { #expect(try client.reply() == .accept) }
            try await waitUntil("both to wait for the disk") { try faults.hits().count == 2 }
            try faults.set([])
            for client in marked { #expect(try client.reply() == .proceed) }
            for id in ids { #expect(try await own.story(of: id).outcome == "captured") }
        }

        @Test
        func `without a free descriptor the daemon stops accepting; sessions go on, and new ones are served later`()
            async throws
        {
            let host = try MailHost.shared.get()
            let own = try OwnDaemon(under: ["prlimit", "--nofile=160:160"])
            let session = try own.connect()
            var silent = try (0..<250).map { _ in try MilterClient(port: own.port) }
            try await own.current.line(
                with: "error: nearly all of 160 file descriptors are taken; new connections wait")
            #expect(try own.current.descriptors() < 160, "some are left for the spool")
            // A low one: the lowest free number says nothing about how many are free.
            silent.removeFirst()

            let (before, start) = (try processorTime(of: own.current), ContinuousClock.now)
            let id = Letter.unique()
            #expect(
                try session.transfer(Letter("At the limit").answering(host.acme.marker), queueID: id) == .proceed)
            #expect(try await own.story(of: id).outcome == "captured")
            try await waitUntil("some seconds of rest") { ContinuousClock.now - start > .seconds(2) }
            let used = try processorTime(of: own.current) - before
            let passed = (ContinuousClock.now - start) / .seconds(1)
            #expect(used < passed / 10, "\(used) s of \(passed) s")

            let late = try MilterClient(port: own.port)
            silent.removeAll()
            try late.negotiate()
            try await own.current.line(with: "file descriptors are free again")
            let next = Letter.unique()
            #expect(try late.transfer(Letter("After it").answering(host.acme.marker), queueID: next) == .proceed)
            #expect(try await own.story(of: next).outcome == "captured")
            #expect(try own.current.terminate() == 0)
        }
    }
}

/// Seconds, of user and system (proc(5), stat).
private func processorTime(of daemon: DaemonProcess) throws -> Double {
    let text = String(decoding: try contents(of: "/proc/\(daemon.pid)/stat"), as: UTF8.self)
    let fields = text[text.lastIndex(of: ")")!...].split(separator: " ")
    return (Double(fields[12])! + Double(fields[13])!) / Double(sysconf(Int32(_SC_CLK_TCK)))
}
