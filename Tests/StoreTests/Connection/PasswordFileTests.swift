import TestSupport
import Testing

@testable import Store
@testable import System

/// Which file libpq reads a password from, and what is said if it finds none.
@Suite struct PasswordFileTests {
    private static let server = "host=127.0.0.1 dbname=lever user=mx1"
    private static let line = "127.0.0.1:*:lever:mx1:secret\n"

    private let directory: TemporaryDirectory
    private let store: CredentialStore

    init() throws {
        directory = try TemporaryDirectory("passwords")
        try directory.makeDirectory("run")
        try directory.makeDirectory("etc")
        store = CredentialStore(
            handedOver: [directory.file("run")], sources: [directory.file("etc")], encrypted: [])
    }

    private func readable(_ conninfo: String, inherited: String? = nil, credential: String? = "pgpass") throws -> String? {
        let file = try PasswordFile(for: conninfo, credential: credential, inherited: inherited, store: store)
        return try file.readable.flatMap { try contents(ofFile: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [0o400, 0o440, 0o444, 0o600] as [UInt32])
    func `of a credential libpq gets a copy that it takes, whatever its mode`(mode: UInt32) throws {
        for place in ["etc", "run"] {
            let path = try directory.write("\(place)/pgpass", Self.line, mode: mode)
            #expect(try readable(Self.server) == Self.line)
            #expect(try readable("\(Self.server) passfile=\(path)", credential: nil) == Self.line)
            #expect(try readable(Self.server, inherited: path, credential: nil) == Self.line)
        }
    }

    @Test func `what names a password or a file counts before the credential`() throws {
        try directory.write("run/pgpass", Self.line, mode: 0o440)
        let other = try directory.write("other", "", mode: 0o600)
        #expect(try readable("\(Self.server) passfile=\(other)") == nil)
        #expect(try readable(Self.server, inherited: other) == nil)
        #expect(try readable("\(Self.server) password=x") == nil)
        #expect(try readable("service=lever") == nil)
        #expect(try readable(Self.server, credential: "another") == nil)
    }

    private func advice(_ conninfo: String, credential: String? = nil, inherited: String? = nil) throws -> String {
        try PasswordFile(for: conninfo, credential: credential, inherited: inherited, store: store).advice
    }

    @Test func `the advice says why there is no password, and what to do`() throws {
        let open = try directory.write("open", Self.line, mode: 0o640)
        #expect(
            try advice("\(Self.server) passfile=\(open)")
                == "libpq ignores \(open), which others than its owner can read (mode 0640); chmod 600 \(open)")
        let missing = directory.file("missing")
        #expect(try advice(Self.server, inherited: missing).hasPrefix("put the password into \(missing), mode 0600"))
        let short = try directory.write("short", "", mode: 0o600)
        #expect(try advice(Self.server, inherited: short).hasPrefix("no line of \(short) is for this server"))
        let given = try directory.write("run/given", "", mode: 0o440)
        #expect(try advice(Self.server, credential: "given").hasPrefix("no line of \(given) is for this server"))
        #expect(try advice("service=lever").hasPrefix("put the password into a file of mode 0600"))
    }

    @Test func `a login that has no credential yet is told where it belongs`() throws {
        #expect(
            try PasswordFile(
                for: Self.server, credential: CredentialStore.passwordFile, inherited: nil, home: directory.path, store: store
            ).advice.hasPrefix(
                "put the password into /etc/credstore/lever-milter.pgpass (then restart lever-milter) or "
                    + "\(directory.file(".pgpass")), mode 0600"))
    }

    @Test func `a server that asks for a password gets the one of the file, and a refusal names the file`() throws {
        let postgres = try StoreDatabase.common().postgres
        try postgres.createLogin("guarded", password: "correct horse", in: "lever_ingest")
        func connect(_ passwords: String, mode: UInt32 = 0o600) throws {
            let path = try directory.write("pgpass", passwords, mode: mode)
            _ = try Connection(
                conninfo: postgres.connectionString(user: "guarded") + " passfile=\(path)", application: "tests")
        }
        try connect("127.0.0.1:*:*:guarded:correct horse\n")
        func refusal(_ passwords: String, mode: UInt32 = 0o600) -> String {
            do {
                try connect(passwords, mode: mode)
                return ""
            } catch {
                return "\(error)"
            }
        }
        let path = directory.file("pgpass")
        let open = refusal("127.0.0.1:*:*:guarded:correct horse\n", mode: 0o644)
        #expect(open.contains("libpq ignores \(path)") && open.contains("chmod 600 \(path)"))
        #expect(refusal("127.0.0.1:*:*:another:x\n").contains("no line of \(path)"))
        let wrong = refusal("127.0.0.1:*:*:guarded:battery staple\n")
        #expect(wrong.contains(path) && !wrong.contains("battery"))
    }
}
