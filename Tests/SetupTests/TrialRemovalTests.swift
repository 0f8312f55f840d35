import Foundation
import Testing

@testable import Setup

/// A removal takes away what the record names, as far as it is still what the trial made.
@Suite struct TrialRemovalTests {
    private let machine = FakeMachine()
    private let console = FakeConsole(replies: ["y"])
    private static let directory = "/root/.config/lever"

    init() throws {
        let account = Account(name: "root", home: "/root", user: 0, group: 0)
        var record = TrialRecord(
            plan: TrialPlan(
                company: "Acme", domain: "acme.example", host: "mx1", account: account, directory: Self.directory,
                provider: "google"))
        record.made = ["/root/.config", Self.directory, record.plan.passfile, record.plan.settings]
        record.texts[record.plan.settings] = "ours\n"
        record.roles = TrialPlan.logins
        record.database = 16400
        record.postfix = [
            .init(name: "smtpd_milters", before: "unix:a", after: "unix:a, ${lever_milter}"),
            .init(name: "lever_milter", before: nil, after: "{ x }"),
        ]
        machine.files[record.plan.passfile] = "secret"
        machine.files[record.plan.settings] = "ours\n"
        machine.directories.formUnion(["/root/.config", Self.directory, "/var/lib/lever"])
        machine.files[TrialRecord.path] = String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        machine.database = [
            ("server_version_num", "150018\t5432\tlocalhost\n"), ("lever.message", "2\n"), ("lever.company", "Acme\n"),
            ("pg_roles", "lever_trial_admin\nlever_trial_host\nlever_trial_reader\n"), ("pg_database", "16400\n"),
        ]
        machine.answers = [
            (["postconf", "-n"], "smtpd_milters = unix:a, ${lever_milter}\nlever_milter = { x }\n"),
            (["postfix", "status"], ""),
        ]
    }

    private func remove() throws { try TrialSetup(machine: machine, console: console, agreed: false).remove() }
    private var ran: [String] { machine.ran.map { ($0.words + [$0.input ?? ""]).joined(separator: " ").trimmed } }

    @Test func `it puts Postfix back, drops database and logins, and leaves no file`() throws {
        try remove()
        let psql = "runuser -u postgres -- psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres"
        #expect(
            ran == [
                "postconf -e smtpd_milters = unix:a", "postconf -X lever_milter", "postfix reload",
                "\(psql) DROP DATABASE lever WITH (FORCE);",
                "\(psql) DROP ROLE lever_trial_admin;\nDROP ROLE lever_trial_host;\nDROP ROLE lever_trial_reader;",
            ])
        #expect(machine.files.isEmpty)
        #expect(!machine.exists("/root/.config") && !machine.exists("/var/lib/lever"))
        try remove()
        #expect(console.text.contains("There is no trial on this machine"))
    }

    @Test func `what somebody changed since stays, and is named`() throws {
        machine.answers[0].output = "smtpd_milters = unix:b\nlever_milter = { x }\n"
        machine.files[Self.directory + "/leverctl.yaml"] = "theirs\n"
        try remove()
        #expect(ran.first == "postconf -X lever_milter")
        #expect(console.text.contains("smtpd_milters was changed since, and stays: unix:b"))
        #expect(machine.files == [Self.directory + "/leverctl.yaml": "theirs\n"])
        #expect(console.text.contains("leverctl.yaml was changed since, and stays"))
    }

    @Test func `mail of the trial that waits in Postfix's queue goes too, and no other`() throws {
        func waiting(_ id: String, from sender: String, to recipients: String...) -> String {
            let addresses = recipients.map { #"{"address": "\#($0)"}"# }.joined(separator: ", ")
            return #"{"queue_id": "\#(id)", "sender": "\#(sender)", "recipients": [\#(addresses)]}"#
        }
        let (reader, candidate) = ("lever-trial@acme.example", "jo@candidate.example")
        let queue = [
            waiting("A1", from: reader, to: candidate),
            // As showq(8) has it where the recipient's domain could not be looked up.
            waiting("B2", from: candidate, to: #"\"NEXTRCPT NOT UPDATED\""#, reader),
            waiting("C3", from: "rita@acme.example", to: candidate),
        ]
        machine.answers.append((["postqueue", "-j"], queue.joined(separator: "\n")))
        try remove()
        #expect(ran.filter { $0.hasPrefix("postsuper") } == ["postsuper -d A1", "postsuper -d B2"])
    }

    @Test(arguments: [
        ("pg_database", "99\n", "is not the one that the trial made"),
        ("lever.company", "Acme\nGlobex\n", "companies that the trial did not make (Globex)"),
        ("server_version_num", "", "does not answer"),
    ])
    func `what is not the trial's is not dropped, and then nothing is removed`(
        _ query: String, _ output: String, _ words: String
    ) throws {
        let index = try #require(machine.database.firstIndex { $0.query == query })
        machine.database[index].output = output
        let files = machine.files
        let error = #expect(throws: SetupError.self) { try remove() }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(machine.ran.isEmpty && machine.files == files)
    }

    @Test func `a no, or nobody to ask, removes nothing`() {
        for replies in [["n"], nil] as [[String]?] {
            console.replies = replies
            #expect(throws: SetupError.self) { try remove() }
            #expect(machine.ran.isEmpty)
        }
    }
}
