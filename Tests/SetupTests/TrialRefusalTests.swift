import Testing

@testable import Setup

/// A trial leaves alone what it did not make.
@Suite struct TrialRefusalTests {
    private static let account = Account(name: "root", home: "/root", user: 0, group: 0)

    /// A machine with PostgreSQL, Postfix and the package, and nothing of ours.
    private func machine() -> FakeMachine {
        let machine = FakeMachine()
        machine.files = [
            "/usr/sbin/lever-milter": "", "/usr/sbin/postconf": "", "/etc/postfix/main.cf": "",
            "/usr/lib/postgresql/15/bin/postgres": "",
            TrialPlan.daemonSettings: "socket: fd:3\nspool: /var/spool/lever-milter\n#database: x\n",
        ]
        machine.directories.insert("/usr/lib/postgresql/15/bin")
        machine.database = [
            ("server_version_num", "150018\t5432\tlocalhost\n"), ("pg_roles", ""), ("pg_database", ""),
        ]
        machine.answers = [(["postconf"], "smtpd_milters = \nnon_smtpd_milters = \n")]
        return machine
    }

    private func refusal(_ machine: FakeMachine, _ console: FakeConsole = FakeConsole()) -> String? {
        let setup = TrialSetup(machine: machine, console: console, agreed: true)
        let choice = TrialSetup.Choice(company: "Acme", domain: "acme.example", provider: "google")
        do {
            try setup.setUp(choice, host: "mx1", account: Self.account, directory: "/root/.config/lever")
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Something of an installation, and the words of the refusal.
    struct Change: Sendable {
        let words: String
        let make: @Sendable (FakeMachine) -> Void

        init(_ words: String, _ make: @escaping @Sendable (FakeMachine) -> Void) {
            (self.words, self.make) = (words, make)
        }
    }

    private static let changes: [Change] = [
        Change("roles of lever-milter") { $0.database[1].output = "lever_owner\n" },
        Change("a database 'lever' that is not the trial's") { $0.database[2].output = "16400\n" },
        Change("15 or later") { $0.database[0].output = "140010\t5432\tlocalhost\n" },
        Change("listen_addresses") { $0.database[0].output = "150018\t5432\t\n" },
        Change("sets 'database'") { $0.files[TrialPlan.daemonSettings] = "database: host=db.example\n" },
        Change("is not empty") { $0.files["/var/spool/lever-milter/new/1"] = "" },
        Change("this mail host has an installation") { $0.files[TrialPlan.signingKey] = "" },
        Change("asks a lever-milter already") {
            $0.answers = [(["postconf"], "smtpd_milters = unix:lever-milter/milter.sock\n")]
        },
        Change("not configured") { $0.files["/etc/postfix/main.cf"] = nil },
        Change("leverctl is set up here") { $0.files["/root/.config/lever/leverctl.yaml"] = "" },
        Change("/etc/lever/leverctl.yaml names a database") {
            $0.files["/etc/lever/leverctl.yaml"] = "reader_database: host=db.example\n"
        },
        Change("the package lever-milter is not installed") { $0.files["/usr/sbin/lever-milter"] = nil },
        Change("systemd does not run") { $0.directories.remove("/run/systemd/system") },
        Change("would remove exim4-base, exim4") {
            $0.files["/usr/sbin/postconf"] = nil
            let plan = "Remv exim4-base [4.96]\nRemv exim4 [4.96]\nInst postfix (3.7)\n"
            $0.answers.insert((["apt-get", "--simulate"], plan), at: 0)
        },
    ]

    @Test(arguments: changes)
    func `it refuses, says why, and has done nothing`(_ change: Change) throws {
        let machine = machine()
        change.make(machine)
        let files = machine.files
        let refusal = try #require(self.refusal(machine))
        #expect(refusal.contains(change.words), "\(refusal)")
        #expect(machine.ran.isEmpty)
        #expect(machine.files == files)
    }

    @Test func `on a machine with nothing of ours it begins, and another company's trial is refused afterwards`() throws
    {
        let machine = machine()
        machine.failures["leverctl"] = 1
        let first = try #require(self.refusal(machine))
        #expect(first.contains("leverctl init-db"), "\(first)")
        let record = try #require(machine.files[TrialRecord.path])
        #expect(record.contains("lever_trial_admin"))
        let setup = TrialSetup(machine: machine, console: FakeConsole(), agreed: true)
        let other = TrialSetup.Choice(company: "Globex", domain: nil, provider: "google")
        #expect(throws: SetupError.self) {
            try setup.setUp(other, host: "mx1", account: Self.account, directory: "/root/.config/lever")
        }
    }

    @Test func `without a terminal it wants --yes, and a no changes nothing`() throws {
        let choice = TrialSetup.Choice(company: nil, domain: nil, provider: "google")
        for (replies, words) in [(nil, "--yes"), (["Acme", "acme.example", "n"], "nothing more was done")]
            as [([String]?, String)]
        {
            let machine = machine()
            machine.files["/usr/sbin/postconf"] = nil
            machine.answers.insert((["apt-get", "--simulate"], "Inst postfix (3.7)\n"), at: 0)
            let setup = TrialSetup(machine: machine, console: FakeConsole(replies: replies), agreed: false)
            let error = #expect(throws: SetupError.self) {
                try setup.setUp(choice, host: "mx1", account: Self.account, directory: "/root/.config/lever")
            }
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
            #expect(machine.ran.isEmpty)
        }
    }
}
