import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The daemon's memory use. Daemon and database are this suite's own, so that no other test's mail counts and its
    /// messages do not disturb other tests.
    @Suite
    struct Memory {
        private let host: MailHost
        private let directory: TemporaryDirectory
        private let tenant: MailHost.Tenant
        private let port: UInt16
        private let daemon: DaemonProcess

        private static let database = "memory"
        /// Bytes that the daemon may use at any time.
        private static let limit = 64 << 20
        private static let messages = 100
        /// Parts of each message's body, as large as the protocol allows: 25 MB.
        private static let parts = 25_000_000 / MilterClient.dataLimit + 1

        init() throws {
            host = try MailHost.shared.get()
            directory = try TemporaryDirectory("memory")
            port = try Loopback.freePort()
            try host.postgres.createDatabase(Self.database)
            let configuration = try directory.write(
                "leverctl.yaml", "admin_database: \(host.postgres.connectionString(database: Self.database))\n")
            let ctl = LeverCtl(configuration: configuration, passphrase: MailHost.passphrase)
            try ctl.check("init-db")
            // Saves 2.5 GB of write-ahead log, which this test is not about.
            try host.postgres.query(
                """
                SELECT format('ALTER TABLE %s SET UNLOGGED', inhrelid::regclass)
                FROM pg_inherits WHERE inhparent = 'lever.message_part'::regclass \\gexec
                """, database: Self.database)
            tenant = try MailHost.addTenant(
                "Acme", "acme.example", sync: "limited", ctl, host.postgres, directory,
                database: Self.database)
            daemon = try DaemonProcess(
                configuration: directory.write(
                    "lever-milter.yaml",
                    MailHost.configuration(
                        socket: "inet:\(port)@127.0.0.1", spool: directory.file("spool"),
                        database: host.postgres.connectionString(database: Self.database, user: MailHost.login))
                        // All of them in progress at once.
                        + "in_flight_limit: 3000000000\ndone_retention: 0\n"))
        }

        @Test func `a hundred messages of 25 MB at once take less than 64 MB of memory, and each is stored once`()
            async throws
        {
            defer { _ = try? host.postgres.query("DROP DATABASE \(Self.database) WITH (FORCE)") }
            let part = MilterClient.Packet(
                "B", Array(repeatElement(Array("a line of 16 .\r\n".utf8), count: 4096).joined().dropLast()))
            #expect(part.data.count == MilterClient.dataLimit)
            var expected: [String] = []
            let clients = try (0..<Self.messages).map { number in
                let letter = Letter("Large").answering(tenant.marker)
                expected.append("MEMORY\(number)|\(letter.bytes.count + Self.parts * part.data.count)|1|t")
                return try begin(letter, queueID: "MEMORY\(number)")
            }

            // Part by part in turn, so that all are in progress until the last one ends.
            func sendParts(_ range: Range<Int>) throws {
                for _ in range {
                    for client in clients { try client.send(part) }
                }
            }
            try sendParts(0..<Self.parts / 2)
            try await waitUntil("each message to be half in the spool") {
                try Command.check(["find", directory.file("spool/tmp"), "-type", "f", "-size", "+10M"])
                    .split(separator: "\n").count == Self.messages
            }
            try sendParts(Self.parts / 2..<Self.parts)
            #expect(try spooled().isEmpty)
            for client in clients { try client.endMessage() }
            for client in clients { #expect(try client.reply() == .proceed) }
            try expectLittleMemory("to take them in")

            try await waitUntil("the spool to be delivered", timeout: 120) { try spooled().isEmpty }
            try expectLittleMemory("to deliver them")
            #expect(
                try host.postgres.query(
                    """
                    SELECT queue_id, size, (SELECT count(*) FROM lever.delivery d WHERE d.queue_id = m.queue_id),
                        tail_size = (SELECT sum(octet_length(bytes)) FROM lever.message_part p
                            WHERE (p.company_id, p.entry_id) = (m.company_id, m.entry_id))
                    FROM lever.message m
                    """, database: Self.database
                ).split(separator: "\n").map(String.init).sorted() == expected.sorted())
            #expect(try daemon.terminate() == 0)
        }

        /// A session with a message, up to the first bytes of its body.
        private func begin(_ letter: Letter, queueID: String) throws -> MilterClient {
            let client = try MilterClient(port: port)
            client.macros = ["i": queueID]
            try client.negotiate()
            #expect(client.terms.macros == [2: ["i"], 3: ["i"], 4: ["i", "{auth_type}", "{client_addr}"]], "no mail addresses")
            #expect(try client.connect(host: "client.example", address: "192.0.2.1") == .proceed)
            #expect(try client.hello("client.example") == .proceed)
            #expect(try client.mail("<anna@home.example>") == .proceed)
            #expect(try client.recipient("<rita@acme.example>") == .proceed)
            #expect(try client.data() == .proceed)
            for field in letter.fields { #expect(try client.header(field.name, " \(field.value)") == .proceed) }
            #expect(try client.endOfHeader() == .proceed)
            #expect(try client.body(letter.body) == .proceed)
            return client
        }

        private func spooled() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: directory.file("spool/new"))
        }

        private func expectLittleMemory(_ what: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let peak = try peakMemory(of: daemon.pid)
            #expect(peak < Self.limit, "it took \(peak >> 10) KiB \(what)", sourceLocation: sourceLocation)
        }
    }
}
