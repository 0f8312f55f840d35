import Core
import SettingsFile
import TestSupport
import Testing

@testable import Store
@testable import leverctl

/// What commands take if no option says otherwise.
@Suite struct DefaultsTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("defaults")
    }

    /// Options of a command with a configuration file of this text.
    private func shared(_ text: String) throws -> SharedOptions {
        try SharedOptions.parse(["--config", directory.write("leverctl.yaml", text)])
    }

    private func message(_ body: () throws -> Any) -> String {
        do {
            return "no error, but \(try body())"
        } catch {
            return "\(error)".replacing(directory.path + "/", with: "")
        }
    }

    // MARK: The company

    @Test(arguments: [
        ([], "company: Beta", "Beta"), (["--company", "Acme"], "company: Beta", "Acme"), (["--company", "2"], "", "Beta"),
    ])
    func `the option counts before the settings`(_ option: [String], _ settings: String, _ name: String) throws {
        let found = try CompanyOption.parse(option).find(in: Companies("Acme", "Beta"), shared(settings))
        #expect(found.name == name)
    }

    @Test func `without both it is the only company that the login sees`() throws {
        #expect(try CompanyOption.parse([]).find(in: Companies("Acme"), shared("")).name == "Acme")
    }

    @Test(arguments: [
        ([], "", "this login sees no company; an administrator makes one"),
        (
            ["Acme", "Beta"], "",
            "there are several companies: Acme, Beta; say which one with --company, LEVER_COMPANY, or 'company' in "
                + "leverctl.yaml"
        ),
        ((1...22).map { "C\($0)" }, "", "there are several companies: C1, C2, "),
        (["Acme", "Beta"], "\ncompany: Gamma", "leverctl.yaml:2: no company 'Gamma'"),
    ])
    func `else the error lists the companies, or says who named one that does not exist`(
        _ names: [String], _ settings: String, _ expected: String
    ) throws {
        let shared = try shared(settings)
        let message = message { try CompanyOption.parse([]).find(in: Companies(names), shared) }
        #expect(message.hasPrefix(expected), "\(message)")
        if names.count > 20 { #expect(message.contains("C20 and 2 more; say")) }
    }

    // MARK: The private key

    @Test func `a private key is that of the option, else of the settings`() throws {
        let shared = try shared("private_key: [/etc/a.key, b.key]")
        #expect(try shared.privateKeys(["c.key"]) == ["c.key"])
        #expect(try shared.privateKeys([]) == ["/etc/a.key", directory.file("b.key")])
    }

    @Test func `without a private key the error says where to name one`() throws {
        let shared = try shared("")
        #expect(
            message { try shared.privateKeys([]) }
                == "this needs the company's private key: give --private-key FILE, or set LEVER_PRIVATE_KEY, or "
                + "'private_key' in leverctl.yaml")
    }

    @Test func `a listing opens addresses if the settings name a key, unless it is told not to`() throws {
        let shared = try shared("private_key: missing.key")
        #expect(message { try AddressKeyOptions.parse([]).keyRing(shared) as Any }.hasPrefix("missing.key: No such"))
        #expect(try AddressKeyOptions.parse(["--sealed"]).keyRing(shared) == nil)
        #expect(try AddressKeyOptions.parse([]).keyRing(self.shared("")) == nil)
        #expect(throws: (any Error).self) { try AddressKeyOptions.parse(["--sealed", "--private-key", "a"]) }
    }

    // MARK: The settings

    @Test func `settings are shown with their origin, and without passwords`() throws {
        let shared = try shared(
            """
            company: Acme
            reader_database: host=db user=rita password='a b' sslmode=verify-full
            admin_database: postgres://ann:secret@db/lever?sslmode=verify-full
            auditor_database: "password=x =="
            private_key: [/a, /b]
            """)
        let rows = SettingRecord.all(try shared.loadedSettings())
        func row(_ key: String) -> String? {
            rows.first { $0.key == key }.map { "\($0.shown) \($0.from.replacing(directory.path + "/", with: ""))" }
        }
        #expect(row("company") == "Acme leverctl.yaml:1")
        #expect(row("reader_database") == "host=db user=rita password=*** sslmode=verify-full leverctl.yaml:2")
        #expect(
            row("admin_database") == "host=db dbname=lever user=ann password=*** sslmode=verify-full leverctl.yaml:3")
        #expect(row("auditor_database") == "(not a connection string) leverctl.yaml:4")
        #expect(row("private_key") == "[/a, /b] leverctl.yaml:5")
        #expect(row("unconfirmed_addresses") == "send default")
        #expect(row("socket_mode") == nil, "no key of leverctl's")
        #expect(row("rekey_database") == nil)
    }
}

/// Finds companies as a session does.
private struct Companies: CompanyFinder {
    let names: [String]

    init(_ names: [String]) { self.names = names }
    init(_ names: String...) { self.names = names }

    func companies() -> [CompanyRecord] { names.enumerated().map { record($0.offset + 1, $0.element) } }

    func company(_ nameOrID: String) throws -> CompanyRecord {
        guard let found = companies().first(where: { $0.name == nameOrID || "\($0.id)" == nameOrID }) else {
            throw StoreError.unknownCompany(nameOrID)
        }
        return found
    }

    private func record(_ id: Int, _ name: String) -> CompanyRecord {
        CompanyRecord(
            id: CompanyID(rawValue: Int64(id)), name: name, provider: .google, sync: .off, domains: [],
            createdAt: Timestamp.now(), retentionDays: nil, deliveryDays: 90, capture: .store, forwardAddress: nil,
            stamps: true, unsignedMarkers: .refuse, recipientDelimiters: nil, markerDays: nil, isFullSyncReady: false)
    }
}
