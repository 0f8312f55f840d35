import Foundation
import TestSupport

/// A test's own company on the shared database, on limited sync: its keys, users, lists and messages are the test's to
/// change.
struct OwnCompany: Sendable {
    typealias Thread = LeverCtlJSON.StartedThread

    let host: MailHost
    let id: Int64
    let name: String
    let domain: String
    /// A word unique to this company, fit for a login.
    let word: String
    let directory: TemporaryDirectory
    /// An administrator and a super admin, who also has the logins that re-wrap, erase and audit for the company.
    let ctl: LeverCtl

    var privateKey: String { directory.file("first.pem") }
    /// An address in the company.
    var address: String { "rita@\(domain)" }

    /// Returns when the mail hosts know the company.
    init() async throws {
        host = try MailHost.shared.get()
        word = Letter.unique()
        (name, domain) = ("Firm \(word)", "\(word).example")
        directory = try TemporaryDirectory("company")
        let (postgres, word) = (host.postgres, word)
        func database(_ role: String) -> String {
            postgres.connectionString(database: MailHost.database, user: "\(role)_\(word)")
        }
        let path = try directory.write(
            "leverctl.yaml",
            """
            admin_database: \(postgres.connectionString(database: MailHost.database))
            reader_database: \(database("super"))
            rekey_database: \(database("rekey"))
            retention_database: \(database("retention"))
            auditor_database: \(database("auditor"))
            spool: \(host.spool)

            """)
        ctl = LeverCtl(configuration: path, passphrase: MailHost.passphrase)
        let added: LeverCtlJSON.Added = try ctl.json(
            "company", "add", name, "--domain", domain, "--provider", "google", "--sync", "limited")
        id = added.id
        try ctl.check("key", "generate", "--company", name, "--private-key", privateKey)
        try postgres.query(
            """
            CREATE ROLE super_\(word) LOGIN IN ROLE lever_reader;
            CREATE ROLE rekey_\(word) LOGIN IN ROLE lever_rekey;
            CREATE ROLE retention_\(word) LOGIN IN ROLE lever_retention;
            CREATE ROLE auditor_\(word) LOGIN IN ROLE lever_auditor;
            """)
        try ctl.check(
            "user", "add", "super_\(word)", "--company", name, "--role", "super-admin", "--email", "super@\(domain)")
        for role in ["rekey", "retention", "auditor"] {
            try ctl.check("access", "grant", "\(role)_\(word)", "--company", name)
        }
        try await changesAreKnown()
    }

    /// Adds a user with a new login, and returns their leverctl.
    func addUser(_ name: String, role: String, email: String) throws -> LeverCtl {
        let login = "\(name)_\(word)"
        try host.postgres.query("CREATE ROLE \(login) LOGIN IN ROLE lever_reader")
        try ctl.check("user", "add", login, "--company", self.name, "--role", role, "--email", email)
        let path = try directory.write(
            "\(login).yaml",
            "reader_database: \(host.postgres.connectionString(database: MailHost.database, user: login))\n")
        return LeverCtl(configuration: path, passphrase: MailHost.passphrase)
    }

    func addCandidate(_ email: String, name: String = "Anna Berg") throws -> Int64 {
        let added: LeverCtlJSON.Added = try ctl.json(
            "candidate", "add", "--company", self.name, "--name", name, "--email", email)
        return added.id
    }

    func startThread(candidate: Int64) throws -> Thread {
        try ctl.json("thread", "start", "--company", name, "--candidate", "\(candidate)")
    }

    /// A thread with a new candidate.
    func startThread() throws -> Thread {
        try startThread(candidate: addCandidate("anna+\(Letter.unique())@home.example"))
    }

    /// Waits until every mail host has applied the last change.
    func changesAreKnown() async throws {
        try await waitUntil("the mail hosts to have the newest routing") {
            try host.query(
                """
                SELECT bool_and(lever.has_change(h.snapshot, c.change)) FROM lever.mail_host AS h, lever.routing_change AS c
                """) == "t"
        }
    }

    /// The timeline with these private keys, even if something does not open.
    func timeline(_ candidate: Int64, keys: [String]? = nil, as ctl: LeverCtl? = nil) throws -> LeverCtlJSON.Timeline {
        let options = (keys ?? [privateKey]).flatMap { ["--private-key", $0] }
        let command = try (ctl ?? self.ctl).run(
            ["timeline", "--company", name, "--candidate", "\(candidate)", "--json"] + options, timeout: 60)
        do {
            return try LeverCtl.decode(command.output)
        } catch {
            throw HarnessError("timeline: \(command.errors)")
        }
    }
}
