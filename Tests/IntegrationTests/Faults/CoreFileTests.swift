import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Even if the kernel writes core files into the working directory, these programs must leave none; and others who
    /// run as their user, without more rights, must not read their memory.
    @Suite
    struct CoreFiles {
        @Test
        func
            `control: an unprotected program leaves a core file here and lets its memory be read`()
            async throws
        {
            let crash = try Crash(["sleep", "60"])
            try await waitUntil("the program") { try crash.program() == "sleep" }
            #expect(try crash.readsMemory())
            try crash.abort()
            if try crash.isPlainPattern { #expect(try crash.files() != []) }
        }

        @Test func `the daemon leaves no core file, and its memory cannot be read`() async throws {
            let host = try MailHost.shared.get()
            let directory = try TemporaryDirectory("corefile")
            let name = "mx-\(Letter.unique())"
            // Otherwise rotations would wait for it.
            defer { _ = try? host.query("DELETE FROM lever.mail_host WHERE host = '\(name)'") }
            let configuration = try directory.write(
                "daemon.yaml",
                MailHost.configuration(
                    socket: "inet:\(try Loopback.freePort())@127.0.0.1", spool: directory.file("spool"),
                    database: host.ingestDatabase) + "host_name: \(name)\n")
            let crash = try Crash([Products.path("lever-milter"), "--config", configuration])
            try await waitUntil("the daemon to start") { try crash.output().contains("started socket=") }
            #expect(try crash.program() == "lever-milter")
            #expect(try !crash.readsMemory())
            try crash.abort()
            #expect(try crash.files() == [])
            #expect(try !crash.output().contains("rax"), "a backtrace would show what registers point to")
        }

        @Test func `leverctl with a private key in memory leaves no core file, and its memory cannot be read`()
            async throws
        {
            let host = try MailHost.shared.get()
            let directory = try TemporaryDirectory("corefile")
            // It waits for a passphrase that never comes.
            try #require(mkfifo(directory.file("passphrase"), 0o600) == 0)
            let crash = try Crash(
                [
                    Products.path("leverctl"), "timeline", "--company", "Acme", "--candidate", "\(host.acme.candidate)",
                    "--private-key", host.acme.privateKey, "--passphrase-file", directory.file("passphrase"),
                ], environment: host.ctl.environment)
            try await waitUntil("leverctl to wait for the passphrase") {
                try crash.program() == "leverctl" && !crash.mayLeaveCoreFile()
            }
            #expect(try !crash.readsMemory())
            try crash.abort()
            #expect(try crash.files() == [])
        }
    }
}

/// An unprivileged program that may write core files of any size into a directory of its own.
private final class Crash {
    private let process: ChildProcess
    private let directory: TemporaryDirectory

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        directory = try TemporaryDirectory("crash")
        try directory.makeDirectory("cwd")
        process = try ChildProcess(
            ["sh", "-c", "cd \(directory.file("cwd")) && ulimit -c unlimited && exec \"$@\"", "sh"] + Self.unprivileged
                + arguments, environment: environment, output: directory.file("output"), stopSignal: .kill)
    }

    private static let unprivileged = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]

    func program() throws -> String {
        try text("/proc/\(process.pid)/comm").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func output() throws -> String { try text(directory.file("output")) }

    func mayLeaveCoreFile() throws -> Bool {
        try text("/proc/\(process.pid)/limits").contains(/Max core file size +unlimited/)
    }

    /// Whether another process of the same user can read the program's memory, such as its environment.
    func readsMemory() throws -> Bool {
        try Command.run(Self.unprivileged + ["cat", "/proc/\(process.pid)/environ"]).output.contains("PATH=")
    }

    /// Crashes it.
    func abort() throws {
        process.send(SIGABRT)
        #expect(try process.waitForExit(timeout: 30) == 128 + SIGABRT)
    }

    /// The kernel writes core files into the working directory (core(5)).
    var isPlainPattern: Bool {
        get throws {
            let pattern = try text("/proc/sys/kernel/core_pattern")
            return !pattern.contains("/") && !pattern.hasPrefix("|")
        }
    }

    /// The files it left in its directory.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.file("cwd"))
    }

    private func text(_ path: String) throws -> String { String(decoding: try contents(of: path), as: UTF8.self) }
}
