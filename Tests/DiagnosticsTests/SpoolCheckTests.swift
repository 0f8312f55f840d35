import SettingsFile
import Core
import Glibc
import TestSupport
import Testing

@testable import Diagnostics

/// A spool without a daemon. Checks that need a file system of their own are among the integration tests.
@Suite struct SpoolCheckTests {
    private let directory: TemporaryDirectory
    private let settings: Settings

    init() throws {
        directory = try TemporaryDirectory("spoolcheck")
        try directory.makeDirectory("spool", mode: 0o700)
        for area in ["tmp", "new", "delivered", "redeliver", "quarantine"] {
            try directory.makeDirectory("spool/\(area)", mode: 0o700)
        }
        settings = try Settings.load(
            path: directory.write("spool.yaml", "spool: \(directory.file("spool"))\n"))
    }

    private func status(_ id: CheckID) -> Finding.Status? {
        SpoolCheck(settings: settings, daemon: .none).findings().first { $0.id == id }?.status
    }

    @Test(arguments: [(60, .ok), (1000, .warning), (15_000, .critical)] as [(Int64, Finding.Status)])
    func `a message that waits too long, counted from its acceptance, is reported`(
        _ age: Int64, _ expected: Finding.Status
    ) throws {
        #expect(status(.spoolWaiting) == .ok)
        let accepted = Timestamp(milliseconds: Timestamp.now().milliseconds - age * 1000)
        try directory.write("spool/new/\(EntryID.make(at: accepted))", "", mode: 0o600)
        #expect(status(.spoolWaiting) == expected)
    }

    @Test func `a damaged copy of routing is reported, and so is a missing one`() throws {
        #expect(status(.spoolRouting) == .warning)
        try directory.write("spool/routing", "LVROUTE1 and no more")
        #expect(status(.spoolRouting) == .critical)
    }

    @Test func `a missing spool is reported, and so is one that is a file`() throws {
        try Command.check(["rm", "-r", directory.file("spool")])
        #expect(status(.spoolDirectory) == .critical)
        try directory.write("spool", "")
        #expect(status(.spoolDirectory) == .critical)
    }
}
