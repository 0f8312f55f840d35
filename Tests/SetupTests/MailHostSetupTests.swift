import Testing

@testable import Setup

@Suite struct MailHostSetupTests {
    private let machine = FakeMachine()
    private let console = FakeConsole()
    private static let settings = "/etc/lever-milter/lever-milter.yaml"
    private static let fresh = "socket: fd:3\nspool: /var/spool/lever-milter\n#database: x\n#host_name: mx1\n"

    init() {
        machine.files[Self.settings] = Self.fresh
        machine.directories.insert("/etc/lever-milter")
        machine.answers = [(["postconf"], "smtpd_milters = unix:opendkim/opendkim.sock\nnon_smtpd_milters = \n")]
    }

    private func write(password: String = "db.example:5432:lever:mx1:secret\n", force: Bool = false) throws {
        let access = DatabaseAccess(
            server: "db.example", port: 5432, database: "lever", login: DatabaseLogin("mx1", .mailHost)!,
            password: password,
            authority: "CERTIFICATE\n")
        let files = WrittenFiles(machine: machine, console: console, force: force)
        try MailHostSetup(access, host: "mx1", signingKey: "KEY\n", files: files).write()
    }

    @Test func `it writes settings, credentials and authority, and prints the lines for this Postfix`() throws {
        try write()
        #expect(
            machine.files[Self.settings] == """
                socket: fd:3
                spool: /var/spool/lever-milter
                database: host=db.example dbname=lever user=mx1 sslmode=verify-full \
                sslrootcert=/etc/lever-milter/db-ca.crt
                host_name: mx1
                signing_key: credential:lever-milter.signing-key

                """)
        #expect(machine.files["/etc/credstore/lever-milter.pgpass"] == "db.example:5432:lever:mx1:secret\n")
        #expect(machine.files["/etc/credstore/lever-milter.signing-key"] == "KEY\n")
        #expect(machine.files[Self.settings + ".before"] == Self.fresh)
        #expect(console.text.contains("smtpd_milters = unix:opendkim/opendkim.sock, ${lever_milter}"))
        #expect(!console.text.contains("secret") && !console.text.contains("KEY"))
        #expect(machine.ran.isEmpty, "it starts nothing")
    }

    @Test func `what is set is replaced only with force, and nothing is half written`() throws {
        try write()
        let files = machine.files
        #expect(throws: SetupError.self) { try write() }
        #expect(machine.files == files)
        try write(password: "a-new-one\n", force: true)
        #expect(machine.files["/etc/credstore/lever-milter.pgpass"] == "db.example:5432:lever:mx1:a-new-one\n")
        #expect(machine.files["/etc/credstore/lever-milter.pgpass.before"] == "db.example:5432:lever:mx1:secret\n")
    }

    @Test func `another login's password file is refused`() {
        let error = #expect(throws: SetupError.self) { try write(password: "db.example:5432:lever:mx2:secret\n") }
        #expect(error?.description.contains("is it the one of mx1") == true)
        #expect(machine.files[Self.settings] == Self.fresh)
    }
}
