import Glibc
import TestSupport
import Testing

@testable import SettingsFile

/// Several files and the environment: which are looked for, and which value counts.
@Suite struct SettingsPlacesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("settings")
    }

    private func settings(
        daemon: String? = nil, machine: String? = nil, user: String? = nil, variables: [String: String] = [:]
    ) throws -> Settings {
        let files = try [("daemon", daemon, .daemon), ("machine", machine, .machine), ("user", user, .user)].map {
            (name: String, text: String?, kind: SettingsFile.Kind) in
            if let text { try directory.write("\(name).yaml", text) }
            return SettingsFile(directory.file("\(name).yaml"), kind)
        }
        return try Settings(SettingsPlaces(files, variables: variables))
    }

    private func error(_ body: () throws -> Settings) -> String {
        let error = #expect(throws: ConfigurationError.self) { try body() }
        return (error?.description ?? "").replacing(directory.path + "/", with: "")
    }

    // MARK: Which files

    @Test(arguments: [
        (["HOME": "/home/rita"], "/home/rita/.config/lever/leverctl.yaml"),
        (["HOME": "/home/rita", "XDG_CONFIG_HOME": "/srv/rita"], "/srv/rita/lever/leverctl.yaml"),
        (["HOME": "/home/rita", "XDG_CONFIG_HOME": "config"], "/home/rita/.config/lever/leverctl.yaml"),
    ])
    func `the daemon's file is read first, then the machine's, then the user's`(
        _ environment: [String: String], _ user: String
    ) {
        let places = SettingsPlaces(named: nil) { environment[$0] }
        #expect(
            places.files.map(\.path) == ["/etc/lever-milter/lever-milter.yaml", "/etc/lever/leverctl.yaml", user])
        #expect(places.files.map(\.kind) == [.daemon, .machine, .user])
    }

    @Test func `without HOME the user's home is that of the system's user database`() throws {
        let home = String(cString: try #require(getpwuid(geteuid())).pointee.pw_dir)
        #expect(
            SettingsPlaces(named: nil, environment: { _ in nil }).files.last?.path
                == "\(home)/.config/lever/leverctl.yaml")
    }

    @Test func `a file that is named is read alone, and --config counts before LEVER_CONFIG`() {
        let environment = ["LEVER_CONFIG": "/b.yaml", "HOME": "/home/rita"]
        #expect(SettingsPlaces(named: nil) { environment[$0] }.files.map(\.path) == ["/b.yaml"])
        #expect(SettingsPlaces(named: "/a.yaml") { environment[$0] }.files.map(\.path) == ["/a.yaml"])
    }

    // MARK: Which value

    @Test func `a later file's key wins, key by key, and each value knows its line`() throws {
        let settings = try settings(
            daemon: "spool: /daemon\nhost_name: mx1\n", machine: "company: Acme\nspool: /machine\n",
            user: "\ncompany: Beta\n")
        #expect(settings.spool == "/machine" && settings.hostName == "mx1" && settings.company == "Beta")
        #expect(settings.given["spool"]?.origin == .file(path: directory.file("machine.yaml"), line: 2))
        #expect(settings.given["company"]?.origin == .file(path: directory.file("user.yaml"), line: 2))
        #expect(settings.given["company"]?.values == ["Beta"])
        #expect(settings.files.map(\.state) == [.read, .read, .read])
    }

    @Test func `the environment counts before the files`() throws {
        let settings = try settings(
            user: "company: Acme\nfrom: rita\nprivate_key: acme.key\n",
            variables: ["LEVER_COMPANY": "Beta", "LEVER_PRIVATE_KEY": "/a.key:b.key", "LEVER_FROM": "bob"])
        #expect(settings.company == "Beta" && settings.from == "bob")
        #expect(settings.privateKeys == ["/a.key", "b.key"], "a path of the environment starts at the working directory")
        #expect(settings.given["company"]?.origin == .variable("LEVER_COMPANY"))
    }

    @Test func `a private key's path starts at its file's directory, and ~ is the home`() throws {
        let home = try #require(homeDirectory())
        #expect(try settings(user: "private_key: acme.key").privateKeys == [directory.file("acme.key")])
        #expect(
            try settings(machine: "private_key: /a", user: "private_key: [~/acme.key, /etc/b.key, keys/c.key]")
                .privateKeys == ["\(home)/acme.key", "/etc/b.key", directory.file("keys/c.key")])
        #expect(try settings(machine: "private_key: /a", user: "private_key: []").privateKeys.isEmpty)
    }

    @Test func `insecure_database counts for the connection strings of its own file`() throws {
        let settings = try settings(
            daemon: "insecure_database: yes\noperator_database: host=db\n", user: "reader_database: host=db\n")
        #expect(settings.allowsInsecureDatabase(in: "operator_database"))
        #expect(!settings.allowsInsecureDatabase(in: "reader_database"))
    }

    // MARK: What is refused

    @Test(arguments: [
        ("socket: fd:3", "user.yaml:1: 'socket' is a key of lever-milter and means nothing here; set it in /etc/lever-"),
        ("compny: Acme", "user.yaml:1: 'compny' is not a known key; did you mean 'company'?"),
        ("private_key: ~bob/acme.key", "user.yaml:1: 'private_key' must be a path or a list of paths"),
        ("company: [a, b]", "user.yaml:1: 'company' must have one value"),
        ("retry_max: 1", "user.yaml:1: 'retry_max' is a key of lever-milter"),
    ])
    func `a mistake in a user's file is reported with its line`(_ text: String, _ expected: String) {
        let error = error { try settings(user: text) }
        #expect(error.hasPrefix(expected), "\(error)")
    }

    @Test func `a mistake in the environment is reported with the variable`() {
        let error = error { try settings(variables: ["LEVER_PRIVATE_KEY": "/a.key:~bob/b.key"]) }
        #expect(error.hasPrefix("LEVER_PRIVATE_KEY in the environment must be a path or a list of paths"), "\(error)")
    }

    @Test(arguments: [0o664, 0o646] as [UInt32])
    func `a file of leverctl's that others can write to is refused`(_ mode: UInt32) throws {
        try directory.write("user.yaml", "company: Acme", mode: mode)
        let places = SettingsPlaces([SettingsFile(directory.file("user.yaml"), .user)])
        let error = error { try Settings(places) }
        #expect(error.contains("others can write to it (mode 0\(String(mode, radix: 8)))"), "\(error)")
        #expect(error.hasSuffix("chmod go-w it"))
    }

    @Test(.enabled(if: geteuid() == 0)) func `a file of leverctl's that belongs to another user is refused`() throws {
        let path = try directory.write("user.yaml", "company: Acme")
        try #require(chown(path, 65_534, 65_534) == 0)
        let error = error { try Settings(SettingsPlaces([SettingsFile(path, .user)])) }
        #expect(error.contains("user.yaml: belongs to user 65534, who could have"), "\(error)")
    }

    // MARK: What is missing

    @Test func `a missing key's error names the files that were read`() throws {
        let one = try settings(user: "company: Acme").missing("reader_database").description
        #expect(one == "\(directory.file("user.yaml")): 'reader_database' is missing; add it")
        let two = try settings(machine: "spool: /x", user: "company: Acme")
        #expect(
            two.missing("reader_database").description.replacing(directory.path + "/", with: "")
                == "'reader_database' is missing in machine.yaml, user.yaml; add it to user.yaml")
        #expect(two.place(of: "spool") == directory.file("machine.yaml"))
    }

    @Test func `if there is no file, the error says where one was looked for`() throws {
        let settings = try settings()
        #expect(settings.files.map(\.state) == [.missing, .missing, .missing])
        #expect(
            settings.missing("admin_database").description.replacing(directory.path + "/", with: "")
                == "'admin_database' is missing: there is no configuration file daemon.yaml, machine.yaml, user.yaml; "
                + "write it into user.yaml, or name a file with --config")
    }
}
