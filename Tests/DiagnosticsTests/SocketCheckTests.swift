import SettingsFile
import Glibc
import TestSupport
import Testing

@testable import Diagnostics

@Suite struct SocketCheckTests {
    private let directory: TemporaryDirectory
    private let settings: Settings

    init() throws {
        directory = try TemporaryDirectory("socketcheck")
        settings = try Settings.load(path: directory.write("lever-milter.yaml", "socket: unix:/nonexistent\n"))
    }

    private func findings(_ path: String, isDown: Bool = false) -> [CheckID: Finding.Status] {
        let check = SocketCheck(settings: settings, postfix: .none("no Postfix"), isDown: isDown, endpoint: .unix(path))
        return Dictionary(uniqueKeysWithValues: check.findings().map { ($0.id, $0.status) })
    }

    @Test func `a missing socket is reported, unless the daemon is known to be down: then that is reported`()
        throws
    {
        #expect(findings(directory.file("none")) == [.socketExists: .critical])
        #expect(findings(directory.file("none"), isDown: true) == [.socketExists: .notChecked])
        #expect(try findings(directory.write("file", "")) == [.socketExists: .critical])
    }

    @Test(
        arguments: [
            (0o660, 0, 0, false), (0o660, 0, 7, true), (0o640, 0, 7, false), (0o600, 5, 0, true), (0o066, 5, 7, false),
            (0o602, 0, 0, true), (0o602, 0, 7, false),
        ] as [(UInt32, UInt32, UInt32, Bool)])
    func `permissions are those of the owner, the group or others, whichever the user is`(
        _ mode: UInt32, _ owner: UInt32, _ group: UInt32, _ expected: Bool
    ) throws {
        let path = try directory.write("file", "", mode: mode)
        // Changing owner and group takes root, as the tests that run Postfix do.
        try #require(chown(path, owner, group) == 0 && chmod(path, mode) == 0)
        let user = SystemUser(name: "somebody", id: 5, group: 7, groups: [7])
        #expect(try #require(FileStatus(path)).allows(2, user) == expected)
    }
}
