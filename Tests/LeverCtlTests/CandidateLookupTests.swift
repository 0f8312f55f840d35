import DatabaseSupport
import Reading
import TestSupport
import Testing

@testable import leverctl

/// A candidate that a command line names by address or part of the name.
@Suite struct CandidateLookupTests {
    private let site: LeverCtlSite

    init() throws { site = try LeverCtlSite() }

    private func timeline(_ ctl: TestSupport.LeverCtl, _ candidate: String) throws -> Command {
        try ctl.run("timeline", "--candidate", candidate, "--private-key", site.key, "--json")
    }

    @Test(arguments: ["zo", "ZOË", "zoe", "Zoe@Home.Example", "1"])
    func `a reader finds a candidate by part of the name, by the address and by the id`(_ candidate: String) throws {
        let command = try timeline(site.reader, candidate)
        #expect(command.status == 0 && command.errors == "")
        #expect(command.text.contains("\"candidate\" : \(site.company.candidate)"))
    }

    @Test func `where an administrator's login is at hand, an address is found without opening a name`() throws {
        _ = try site.company.addCandidate("second@home.example")
        #expect(try timeline(site.ctl, "ZOE@home.example").status == 0)
        #expect(try site.openedNames() == 1, "the timeline's own")
        let unknown = try timeline(site.ctl, "nobody@home.example")
        #expect(unknown.status == 1 && unknown.errors.contains("no candidate with this address"))
    }

    @Test func `the audit says that names were opened for a look-up, and not what was looked for`() throws {
        #expect(try timeline(site.reader, "zo").status == 0)
        let reasons = try site.company.query(
            "SELECT reason FROM lever.audit WHERE login = '\(site.login)' AND action = 'profile' ORDER BY seq")
        #expect(reasons == "candidate look-up: timeline\ntimeline")
    }

    @Test func `of several candidates the ids are shown, and names on a terminal alone`() throws {
        let second = try site.company.addCandidate("second@home.example")
        let command = try timeline(site.reader, "zoe")
        #expect(command.status == 1 && command.output.isEmpty)
        #expect(command.errors.contains("2 candidates"))
        for id in [site.company.candidate, second] { #expect(command.errors.contains("\n  \(id)\n")) }
        #expect(!command.errors.contains("@") && !command.errors.contains("Zo"))

        let matches = [
            CandidateSearch.Match(
                candidate: second, profile: CandidateProfile(name: "Zo\u{1b}", email: "second@home.example"), tail: [])
        ]
        #expect(CandidateLookup.list(matches, withNames: true).contains("\(second)  Zo\\u{1B} <second@home.example>"))
    }

    @Test func `a name that nobody has is told as that, and what to do`() throws {
        let command = try timeline(site.reader, "nobody")
        #expect(command.status == 1)
        #expect(
            command.errors.contains(
                "no candidate of Acme that you see is called so (1 searched); leverctl candidate list"))
    }

    @Test func `without the private key a name is told to need it`() throws {
        let command = try site.reader.run("candidate", "anonymize", "zoe")
        #expect(command.status == 1 && command.errors.contains("Or give the candidate's id"))
        let administrator = TestSupport.LeverCtl(
            configuration: try site.company.directory.write(
                "admin.yaml", "admin_database: \(site.company.conninfo(user: "administrator"))\n"))
        let start = try administrator.run("thread", "start", "--candidate", "zoe")
        #expect(start.status == 1 && start.errors.contains("give the candidate's id or address"))
    }

    @Test(arguments: ["zoe@home.example", "zoe"])
    func `an administrator starts a thread with a candidate by address or name`(_ candidate: String) throws {
        let command = try site.ctl.run(
            "thread", "start", "--candidate", candidate, "--private-key", site.key, "--json")
        #expect(command.status == 0 && command.text.contains("\"candidate\" : \(site.company.candidate)"))
    }

    @Test func `nothing is erased by a name that nobody has looked at`() throws {
        let arguments = ["--private-key", site.key, "--confirm", "Acme"]
        let byName = try site.reader.run(["candidate", "anonymize", "zoe"] + arguments, timeout: 60)
        #expect(byName.status == 1 && byName.errors.contains("which is \(site.company.candidate); nothing was erased"))
        #expect(try site.company.query("SELECT count(*) FROM lever.candidate WHERE anonymized_at IS NOT NULL") == "0")
        // An address is as good as an id.
        #expect(try site.ctl.run(["candidate", "anonymize", "zoe@home.example"] + arguments, timeout: 60).status == 0)
    }

    @Test func `nothing is sent to a candidate by a name that nobody has signed`() throws {
        let body = try site.company.directory.write("body.txt", "Hello\n")
        func send() throws -> Command {
            try site.reader.run(
                "send", "--candidate", "zoe", "--subject", "Hello", "--body-file", body, "--private-key", site.key)
        }
        #expect(try send().errors.contains("candidate confirm \(site.company.candidate)"))
        try site.reader.check(
            "candidate", "confirm", "zoe", "--address", "zoe@home.example", "--private-key", site.key)
        #expect(try send().errors.contains("opt-in"), "the name is good enough now")
    }

    @Test func `a name that somebody exchanged is found with a warning`() throws {
        try site.reader.check(
            "candidate", "confirm", "zoe", "--address", "zoe@home.example", "--private-key", site.key)
        _ = try site.company.query("UPDATE lever.candidate SET signature = NULL")
        let command = try timeline(site.reader, "zoe")
        #expect(command.status == 0 && command.errors.contains("somebody may have exchanged them"))
    }

    @Test(arguments: [(1001, true), (1000, false)])
    func `more names than a thousand are opened only on request`(count: Int, isRefused: Bool) throws {
        let options = try CandidateSearchOptions.parse([])
        if isRefused {
            let error = #expect(throws: CommandError.self) { try options.allow(count, canAsk: false) }
            #expect(error?.description.contains("--search-all") == true)
        } else {
            try options.allow(count, canAsk: false)
        }
        try CandidateSearchOptions.parse(["--search-all"]).allow(count)
    }

    @Test(
        arguments: [
            ("17", CandidateReference.id(.init(rawValue: 17))),
            ("Zoe@Home.example", .address(.init("zoe@home.example")!)),
            ("zoë berg", .name(.init("zoë berg")!)), ("zoe@", nil), ("", nil), ("--", nil), ("zoe\u{1b}", nil),
        ] as [(String, CandidateReference?)])
    func `a candidate is named by id, address or words`(_ argument: String, _ reference: CandidateReference?) {
        #expect(CandidateReference(argument: argument) == reference)
    }
}
