import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The crash table's other half: PostgreSQL and Postfix are killed, with all their processes, while the filter is
    /// held at a named system call.
    @Suite
    struct PeerCrash {
        /// Where the filter is held, and what then happens to the call.
        struct DatabasePoint: CustomTestStringConvertible {
            let testDescription: String
            var isLarge = false
            /// Whether the database has the message at that moment.
            var isCommitted = false
            let hold: [Fault]
            var then: [Fault] = []
        }

        private static let afterBatch = holdsAnswer(to: "lever.ingest")
        private static let afterCommit = holdsAnswer(to: CrashPoint.commit)
        private static let answerIsLost = [Fault("lost", [.recv], path: "socket ", times: 1, do: .fail(ECONNRESET))]

        private static func holdsAnswer(to content: String) -> [Fault] {
            [
                Fault("sent", [.send], path: "socket ", content: content, do: .note),
                Fault("hold", [.recv], path: "socket ", after: "sent", do: .hold),
            ]
        }

        private static func holds(_ content: String, skip: Int = 0) -> [Fault] {
            [Fault("hold", [.send], path: "socket ", content: content, skip: skip, do: .hold)]
        }

        static let databasePoints = [
            // A small message's batch is a transaction by itself.
            DatabasePoint(testDescription: "before the batch is sent", hold: holds("lever.ingest")),
            DatabasePoint(
                testDescription: "after the batch is stored, before its answer is read", isCommitted: true,
                hold: afterBatch),
            DatabasePoint(
                testDescription: "after the batch is stored, and its answer is lost", isCommitted: true,
                hold: afterBatch, then: answerIsLost),
            DatabasePoint(testDescription: "before the transaction begins", isLarge: true, hold: holds("BEGIN")),
            DatabasePoint(testDescription: "after the transaction began", isLarge: true, hold: holds("lever.ingest")),
            DatabasePoint(
                testDescription: "between two parts of a large message", isLarge: true,
                hold: holds("lever.ingest", skip: 1)),
            DatabasePoint(testDescription: "before COMMIT is sent", isLarge: true, hold: holds(CrashPoint.commit)),
            DatabasePoint(
                testDescription: "after COMMIT is done, before its answer is read", isLarge: true, isCommitted: true,
                hold: afterCommit),
            DatabasePoint(
                testDescription: "after COMMIT is done, and its answer is lost", isLarge: true, isCommitted: true,
                hold: afterCommit, then: answerIsLost),
        ]

        @Test(arguments: databasePoints)
        func `PostgreSQL is killed while the filter delivers`(_ point: DatabasePoint) async throws {
            let database = try DurableDatabase.shared.get()
            let host = try OwnMailHost("crash-\(Letter.unique())", postgres: database.postgres, faults: point.hold)
            try database.postgres.stopLogWriter()
            let letter = Letter.marked(by: database.acme, isLarge: point.isLarge)
            #expect(try host.transfer(letter).code == 250)
            try await host.hit("hold")
            #expect(try host.stored().count == (point.isCommitted ? 1 : 0))
            try database.postgres.kill()
            try host.set(point.then)
            for fault in point.then { try await host.hit(fault.name) }

            try database.postgres.start()
            try await expectStoredOnce(letter, host, of: database.acme)
        }

        struct PostfixPoint: CustomTestStringConvertible {
            /// All processes if no name is given.
            var process: String?
            let isAnswered: Bool

            var testDescription: String {
                "\(process ?? "all processes") \(isAnswered ? "after the answer" : "while the filter is in fsync")"
            }
        }

        static let postfixPoints = [nil, "cleanup", "smtpd"].flatMap { process in
            [false, true].map { PostfixPoint(process: process, isAnswered: $0) }
        }

        @Test(arguments: postfixPoints)
        func `Postfix is killed at the end of a message`(_ point: PostfixPoint) async throws {
            let host = try OwnMailHost(
                "crash-\(Letter.unique())", faults: [Fault("hold", [.fsync], path: "^{spool}/tmp/", do: .hold)])
            let letter = try Letter.marked(by: MailHost.shared.get().acme)
            let client = try SMTPClient(port: host.postfix.port())
            try client.envelope(from: "anna@home.example", to: ["rita@acme.example"])
            #expect(try client.command("DATA").code == 354)
            try client.send(SMTPClient.dotStuffed(letter.bytes))
            try await host.hit("hold")

            let processes = try host.postfix.processes(named: point.process)
            #expect(!processes.isEmpty)
            if point.isAnswered {
                // They have the answer, but do nothing with it any more.
                for process in processes { process.send(SIGSTOP) }
                try host.set([Fault("answered", [.write], path: "{filter}", when: .after, do: .note)])
                try await host.hit("answered")
            }
            if point.process == nil {
                try host.postfix.kill()
            } else {
                for process in processes { process.send(SIGKILL) }
            }
            try host.set([])
            let reply = try? client.reply()
            #expect(reply == nil || reply?.code == 451, "the sender is not told that it is accepted: \(reply!)")

            try host.postfix.start()
            #expect(try host.transfer(letter).code == 250)
            try await expectStoredOnce(letter, host)
        }
    }
}

/// A database that keeps what it committed when its processes are killed, with one company.
private struct DurableDatabase {
    static let shared = Result { try DurableDatabase() }

    let postgres: PostgresInstance
    let acme: MailHost.Tenant
    private let directory: TemporaryDirectory

    private init() throws {
        directory = try TemporaryDirectory("durable")
        postgres = try PostgresInstance(settings: ["synchronous_commit": "on"])
        try postgres.createDatabase(MailHost.database)
        let configuration = try directory.write(
            "leverctl.yaml", "admin_database: \(postgres.connectionString(database: MailHost.database))\n")
        let ctl = LeverCtl(configuration: configuration, passphrase: MailHost.passphrase)
        try ctl.check("init-db")
        try postgres.query("CREATE ROLE \(MailHost.login) LOGIN IN ROLE lever_ingest")
        acme = try MailHost.addTenant("Acme", "acme.example", sync: "limited", ctl, postgres, directory)
    }
}
