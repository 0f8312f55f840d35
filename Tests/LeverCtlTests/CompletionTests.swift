import Core
import DatabaseSupport
import Glibc
import Store
import TestSupport
import Testing

/// What shells are offered for values, by the program itself.
@Suite struct CompletionTests {
    private let site: LeverCtlSite

    init() throws { site = try LeverCtlSite() }

    /// As a shell's completion script asks, for the last of the words.
    private func complete(
        _ command: [String], _ argument: String, _ words: [String], _ ctl: TestSupport.LeverCtl? = nil
    ) throws -> [String] {
        let line = ["leverctl"] + command + words
        let answer = try (ctl ?? site.ctl).run(
            ["---completion"] + command + ["--", argument, "\(line.count - 1)", "\(line.last!.count)"] + line,
            timeout: 20)
        #expect(answer.status == 0 && answer.errors == "")
        return answer.text.split(separator: "\n").map(String.init)
    }

    @Test func `companies, candidates, threads, messages, users, hosts and keys are offered`() throws {
        let company = site.company
        let entry = try company.capture(company.reply("Hello"))
        _ = try company.query("INSERT INTO lever.mail_host (host, snapshot) VALUES ('mx9.example', '3:3:')")
        #expect(try complete(["timeline"], "--company", ["--company", ""]) == ["Acme"])
        #expect(try complete(["timeline"], "--candidate", ["--candidate", ""]) == ["\(company.candidate)"])
        #expect(try complete(["candidate", "anonymize"], "positional@0", [""]) == ["\(company.candidate)"])
        #expect(try complete(["thread", "secret"], "positional@0", [""]) == ["\(company.thread)"])
        #expect(try complete(["message", "export"], "positional@0", [""]) == ["\(entry)"])
        let start = String("\(entry)".prefix(11))
        #expect(try complete(["message", "export"], "positional@0", [start]) == ["\(entry)"])
        #expect(try complete(["message", "export"], "positional@0", ["ffff"]) == [])
        #expect(try complete(["user", "set"], "positional@0", [""]) == [site.login])
        #expect(try complete(["host", "revoke"], "positional@0", [""]).contains("mx9.example"))
        #expect(try complete(["key", "retire"], "positional@0", [""]) == [company.key.keyID.hex])
        #expect(try complete(["key", "retire"], "positional@0", ["--kind", "marker", ""]) == ["1"])
        #expect(try complete(["outbox", "retry"], "positional@0", [""]) == [])
        #expect(try complete(["queue", "show"], "positional@0", [""]) == [])
    }

    @Test func `a reader's login suffices for a reader's commands`() throws {
        #expect(try complete(["timeline"], "--company", ["--company", "A"], site.reader) == ["Acme"])
        #expect(
            try complete(["timeline"], "--candidate", ["--candidate", ""], site.reader) == ["\(site.company.candidate)"]
        )
    }

    @Test func `values are those of the company that the command line names, in whatever case`() throws {
        let owner = site.company.owner
        let other = try owner.addCompany(
            name: "Globex", provider: .microsoft, sync: .off, domains: ["globex.example"],
            markerKey: [UInt8](repeating: 1, count: 32), indexKey: [UInt8](repeating: 2, count: 32))
        #expect(other.id != site.company.company.id)
        #expect(
            try complete(["key", "retire"], "positional@0", ["--company", "globex", "--kind", "index", ""]) == ["1"])
        #expect(try complete(["thread", "start"], "--candidate", ["--company", "globex", "--candidate", ""]) == [])
        #expect(
            try complete(["thread", "start"], "--candidate", ["--company=ACME", "--candidate", ""])
                == ["\(site.company.candidate)"])
        #expect(try complete(["thread", "start"], "--candidate", ["--candidate", ""]) == [], "which company?")
    }

    @Test func `completing opens nothing, and leaves nothing in the audit`() throws {
        let before = try site.company.query("SELECT count(*) FROM lever.audit")
        _ = try complete(["timeline"], "--candidate", ["--candidate", ""])
        #expect(try site.company.query("SELECT count(*) FROM lever.audit") == before)
    }

    @Test(arguments: [
        "", "reader_database: host=/nowhere\n",
        "reader_database: nonsense\n", "no_such_key: 1\n",
    ])
    func `what goes wrong offers nothing and says nothing`(_ settings: String) throws {
        let ctl = LeverCtl(configuration: try site.company.directory.write("broken.yaml", settings))
        #expect(try complete(["timeline"], "--candidate", ["--candidate", ""], ctl) == [])
        let missing = LeverCtl(configuration: site.company.directory.file("missing.yaml"))
        #expect(try complete(["timeline"], "--company", ["--company", ""], missing) == [])
    }

    @Test func `a server that does not answer is given up on within seconds`() throws {
        let port = try Loopback.freePort()
        let listener = try Loopback.listen(port: port)
        defer { close(listener) }
        let ctl = LeverCtl(
            configuration: try site.company.directory.write(
                "silent.yaml", "reader_database: host=127.0.0.1 port=\(port) dbname=lever user=rita\n"))
        let start = ContinuousClock.now
        #expect(try complete(["timeline"], "--candidate", ["--candidate", ""], ctl) == [])
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test func `bash completes a name with blanks as one word, and runs nothing that is in a name`() throws {
        for name in ["Acme Söhne", "Acme $(touch canary)", "Acme `touch canary`", "Acme;touch canary"] {
            _ = try site.company.owner.addCompany(
                name: name, provider: .google, sync: .off, domains: ["d\(UInt32.random(in: 0...UInt32.max)).example"],
                markerKey: [UInt8](repeating: 1, count: 32), indexKey: [UInt8](repeating: 2, count: 32))
        }
        let script = try Command.check([Products.path("leverctl"), "--generate-completion-script", "bash"])
        let file = try site.company.directory.write("leverctl.bash", script)
        let canary = site.company.directory.file("canary")
        let shell = """
            cd \(site.company.directory.path) && PATH=\(Products.directory):$PATH && source \(file) || exit 1
            COMP_WORDS=(leverctl candidate list --company Acme) COMP_CWORD=4
            COMP_LINE='leverctl candidate list --company Acme' COMP_POINT=38 COMP_TYPE=9
            _leverctl leverctl Acme --company
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let answer = try Command.run(
            ["/bin/bash", "-c", shell], environment: ["LEVER_CONFIG": site.configuration, "PATH": "/usr/bin:/bin"],
            timeout: 30)
        #expect(answer.text.split(separator: "\n").sorted() == ["Acme", "Acme Söhne"], "\(answer.errors)")
        #expect((try? contents(of: canary)) == nil)
    }
}
