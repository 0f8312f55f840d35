import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The milter port with a client that is not Postfix. Whatever it sends, the daemon survives, keeps nothing of it
    /// and goes on serving others.
    @Suite
    struct MilterPort {
        private let host: MailHost
        private let directory: TemporaryDirectory
        private let port: UInt16
        private let name = "port-\(Letter.unique())"
        private let daemon: DaemonProcess
        /// The daemon's open descriptors before the first client.
        private let descriptors: Int

        init() async throws {
            host = try MailHost.shared.get()
            directory = try TemporaryDirectory("milterport")
            port = try Loopback.freePort()
            daemon = try DaemonProcess(
                configuration: directory.write(
                    "lever-milter.yaml",
                    MailHost.configuration(
                        socket: "inet:\(port)@127.0.0.1", spool: directory.file("spool"),
                        database: host.ingestDatabase
                    ).replacing("message_size_limit: 27000000", with: "message_size_limit: 1000000000")
                        + "host_name: \(name)\n"))
            // After the first session, libmilter has opened all it needs.
            try MilterClient(port: port).negotiate()
            descriptors = try await daemon.settledDescriptors()
        }

        @Test func `packets that no mail server sends store nothing and do not harm a good message in progress`()
            async throws
        {
            let good = try Marked(port, host.acme)
            func say(_ bytes: [UInt8], negotiated: Bool) throws {
                let client = try MilterClient(port: port)
                if negotiated { try client.negotiate() }
                // The daemon may close the connection before everything is sent.
                try? client.send(bytes)
                client.hangUp()
            }
            for bytes in MilterPackets.malformed {
                try say(bytes, negotiated: false)
                try say(bytes, negotiated: true)
            }
            try good.finish()
            try await expectUnharmed(stored: [good.queueID])
        }

        @Test func `a message cut off anywhere before the end of its last packet is not stored`() async throws {
            let stream = MilterPackets.message(host.acme.marker)
            for length in 0..<stream.count {
                let client = try MilterClient(port: port)
                try? client.send(Array(stream[..<length]))
                // The others are reset.
                if !length.isMultiple(of: 3) { client.hangUp() }
            }
            try await expectUnharmed(stored: [])
        }

        struct Disorder: CustomTestStringConvertible, Sendable {
            let testDescription: String
            /// Steps by their letters; L is a marker.
            let steps: String
        }

        @Test(arguments: [
            Disorder(testDescription: "a header before MAIL", steps: "LNBE"),
            Disorder(testDescription: "the end before MAIL", steps: "E"),
            Disorder(testDescription: "RCPT before MAIL", steps: "RMTLN"),
            Disorder(testDescription: "no DATA, no recipient", steps: "MLNE"),
            Disorder(testDescription: "a body before the header", steps: "MRTBE"),
            Disorder(testDescription: "abort after abort", steps: "MRTLAAA"),
            Disorder(testDescription: "a marker, and another message at once", steps: "MRTLMRTNBE"),
            Disorder(testDescription: "negotiated once more in the middle", steps: "MRTLNOBB"),
            Disorder(testDescription: "quit in the middle", steps: "MRTLNBQ"),
            Disorder(testDescription: "quit for a new connection in the middle", steps: "MRTLNBKOMRTLNB"),
            Disorder(testDescription: "everything twice", steps: "MMRRTTLLAQQ"),
        ])
        func `milter commands out of order store no message`(_ disorder: Disorder) async throws {
            // Closed when it is gone.
            func say(_ steps: String) throws {
                let client = try MilterClient(port: port)
                try client.negotiate()
                for step in steps { try? client.send(MilterPackets.step(step, host.acme.marker)) }
                client.hangUp()
            }
            try say(disorder.steps)
            try await expectUnharmed(stored: [])
        }

        @Test func `an end of message that brings a part of the body is not answered, and nothing is stored of it`()
            async throws
        {
            func say() throws -> String {
                let good = try Marked(port, host.acme)
                try good.client.send(MilterClient.Packet("E", Array("the last part\r\n".utf8)))
                // A server that goes on with another message hears nothing but that one's answers.
                try good.client.abort()
                let next = try Marked(port, host.acme, on: good.client)
                try next.finish()
                return next.queueID
            }
            try await expectUnharmed(stored: [say()])
        }

        @Test func `a message whose end is sent twice is stored once`() async throws {
            func sayItTwice() throws -> String {
                let good = try Marked(port, host.acme)
                try good.end()
                try? good.client.endMessage()
                try? good.client.endMessage()
                return good.queueID
            }
            try await expectUnharmed(stored: [sayItTwice()])
        }

        @Test(arguments: ["", "\0\0\0"])
        func `a thousand connections that send nothing, or half a packet, do not hold up mail`(_ start: String)
            async throws
        {
            try raiseDescriptorLimit()
            var clients = try (0..<1000).map { _ in try MilterClient(port: port) }
            for client in clients { try client.send(Array(start.utf8)) }
            let good = try Marked(port, host.acme)
            try good.finish()
            try await daemon.line(with: good.queueID, "outcome=captured")
            clients = []
            try await expectUnharmed(stored: [good.queueID])
        }

        @Test(arguments: [UInt64(1), 2])
        func `random bytes and messages with a few bytes changed do no harm`(_ seed: UInt64) async throws {
            var generator = SplitMix64(seed: seed)
            // Without its end, so that there is nothing to be stored.
            let message = MilterPackets.message(host.acme.marker).dropLast(5)
            for round in 0..<400 {
                var bytes =
                    round.isMultiple(of: 2)
                    ? (0..<Int.random(in: 1...600, using: &generator)).map { _ in
                        .random(in: 0...255, using: &generator)
                    }
                    : Array(message)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    bytes[.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
                }
                let client = try MilterClient(port: port)
                try? client.send(bytes)
                client.hangUp()
            }
            let good = try Marked(port, host.acme)
            try good.finish()
            // A changed byte may be a packet's letter, and turn it into an end of message.
            try await expectUnharmed(stored: nil)
            try await daemon.line(with: good.queueID, "outcome=captured")
        }

        @Test
        func `a header of 120 MB and 100,000 recipients take little memory, and a thousand recipients are indexed`()
            async throws
        {
            let many = try MilterClient(port: port)
            many.macros = ["i": "PORTMANY"]
            try many.negotiate()
            try many.mail("<anna@home.example>")
            for number in 0..<100_000 { try many.recipient("<person\(number)@host.example>") }
            try many.recipient("<rita@acme.example>")
            #expect(try many.data() == .proceed)
            for (name, value) in Letter("Many").answering(host.acme.marker).fields {
                try many.header(name, " \(value)")
            }
            #expect(try many.endOfHeader() == .proceed)
            try many.endMessage()
            #expect(try many.reply() == .proceed)

            let field = String(repeating: "x", count: 60_000)
            let wide = try MilterClient(port: port)
            wide.macros = ["i": "PORTWIDE"]
            try wide.negotiate()
            try wide.mail("<anna@home.example>")
            try wide.recipient("<rita@acme.example>")
            #expect(try wide.data() == .proceed)
            for _ in 0..<2000 { try wide.header("X-Wide", field) }
            try wide.header("In-Reply-To", " \(host.acme.marker)")
            #expect(try wide.endOfHeader() == .accept)
            try await daemon.line(with: "PORTWIDE", "outcome=too_large")

            try many.quit()
            try wide.quit()
            try await expectUnharmed(stored: ["PORTMANY"])
            #expect(
                try host.query(
                    "SELECT cardinality(recipient_indices) FROM lever.message WHERE queue_id = 'PORTMANY'") == "1000")
        }

        // MARK: What holds afterwards

        /// Sends one more message; then exactly these messages are stored of all that was sent before, and nothing is
        /// left in the spool. Nil: any number.
        private func expectUnharmed(stored: [String]?) async throws {
            #expect(daemon.isRunning)
            let last = try Marked(port, host.acme)
            try last.finish()
            for queueID in (stored ?? []) + [last.queueID] {
                try await daemon.line(with: queueID, "outcome=captured")
            }
            let spooled = try daemon.lines().filter { $0.contains(": spooled ") }
            if let stored { #expect(spooled.count == stored.count + 1, "\(spooled)") }
            try await waitUntil("descriptors to be closed") { try daemon.descriptors() <= descriptors }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("spool/tmp")).isEmpty)
            #expect(try peakMemory(of: daemon.pid) < 100 << 20)
            #expect(try daemon.terminate() == 0)
            // So that key rotations do not wait for this host after the test.
            try host.query("DELETE FROM lever.mail_host WHERE host = '\(name)'")
            let end = try await daemon.line(with: "stopped ")
            #expect(end.contains("interrupted=0"))
        }

        private func raiseDescriptorLimit() throws {
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 4096))
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
                throw HarnessError("this test needs 1,100 open files")
            }
        }
    }
}

/// A marked message in progress, up to its body.
private struct Marked {
    let client: MilterClient
    let queueID = "PORT" + Letter.unique()

    /// `old`: a session to send it in.
    init(_ port: UInt16, _ tenant: MailHost.Tenant, on old: MilterClient? = nil) throws {
        client = try old ?? MilterClient(port: port)
        client.macros = ["i": queueID]
        if old == nil { try client.negotiate() }
        try client.mail("<anna@home.example>")
        try client.recipient("<rita@acme.example>")
        #expect(try client.data() == .proceed)
        for (name, value) in Letter("Good").answering(tenant.marker).fields { try client.header(name, " \(value)") }
        #expect(try client.endOfHeader() == .proceed)
        try client.body(Array("The first half.\r\n".utf8))
    }

    func end() throws {
        try client.body(Array("The second half.\r\n".utf8))
        try client.endMessage()
        #expect(try client.reply() == .proceed)
    }

    /// Ends the message, and the session.
    func finish() throws {
        try end()
        try client.quit()
    }
}
