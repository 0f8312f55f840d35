import Glibc
import Service
import Synchronization
import System
import Testing
import TestSupport

@Suite struct ServiceManagerTests {
    /// Names of a path and of the abstract namespace.
    private static func names(in directory: TemporaryDirectory) -> [String] {
        [directory.file("notify"), "@lever-milter\(directory.path)"]
    }

    @Test func `what is told arrives as a datagram, at a path or an abstract name`() throws {
        let directory = try TemporaryDirectory("notify")
        for name in Self.names(in: directory) {
            let socket = try NotifySocket(name)
            let manager = ServiceManager(environment: ["NOTIFY_SOCKET": name])
            manager.ready("Accepting")
            manager.alive()
            manager.starting("Reading")
            #expect(
                socket.messages() == [
                    "READY=1\nSTATUS=Accepting", "WATCHDOG=1", "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=Reading",
                ])
        }
    }

    @Test func `a reload is told with its time on the monotonic clock`() throws {
        let directory = try TemporaryDirectory("notify")
        let socket = try NotifySocket(directory.file("notify"))
        let before = MonotonicClock.seconds
        ServiceManager(environment: ["NOTIFY_SOCKET": socket.name]).reloading()
        let lines = try #require(socket.messages().first).split(separator: "\n")
        #expect(lines[0] == "RELOADING=1")
        #expect(lines[1].hasPrefix("MONOTONIC_USEC="))
        let microseconds = try #require(Double(lines[1].drop { $0 != "=" }.dropFirst()))
        #expect(
            (before...MonotonicClock.seconds).contains(microseconds / 1e6) || abs(microseconds / 1e6 - before) < 0.001)
    }

    @Test func `an order to stop is the last word`() throws {
        let directory = try TemporaryDirectory("notify")
        let socket = try NotifySocket(directory.file("notify"))
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.name])
        manager.stopping("Stopping")
        manager.ready("Accepting")
        manager.alive()
        #expect(socket.messages() == ["STOPPING=1\nSTATUS=Stopping"])
    }

    @Test func `readiness and signs of life are told while the filter answers, and only then`() async throws {
        let directory = try TemporaryDirectory("notify")
        let socket = try NotifySocket(directory.file("notify"))
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "30000"])
        let state = HeartbeatState()
        let heartbeat = Heartbeat(
            manager: manager,
            answers: { _ in
                state.tries.add(1, ordering: .relaxed)
                return state.answers.load(ordering: .acquiring)
            }, status: { "Accepting" })
        try PosixThread.start {
            heartbeat.run { state.isOver.load(ordering: .acquiring) }
            state.hasEnded.store(true, ordering: .releasing)
        }
        /// The filter is asked some more times.
        func asked() async throws {
            let before = state.tries.load(ordering: .relaxed)
            try await waitUntil("the filter to be asked") { state.tries.load(ordering: .relaxed) > before + 3 }
        }
        try await asked()
        #expect(socket.messages() == [])
        state.answers.store(true, ordering: .releasing)
        try await asked()
        #expect(socket.messages().first == "READY=1\nSTATUS=Accepting")
        #expect(socket.messages().dropFirst().allSatisfy { $0 == "WATCHDOG=1" })
        #expect(socket.messages().count > 2)
        state.answers.store(false, ordering: .releasing)
        try await asked()
        let told = socket.messages().count
        try await asked()
        #expect(socket.messages().count == told)
        state.isOver.store(true, ordering: .releasing)
        try await waitUntil("the thread to end") { state.hasEnded.load(ordering: .acquiring) }
    }

    private final class HeartbeatState: Sendable {
        let answers = Atomic(false)
        let isOver = Atomic(false)
        let hasEnded = Atomic(false)
        let tries = Atomic(0)
    }

    @Test func `a notification that nobody receives is lost, and the next one arrives`() throws {
        let directory = try TemporaryDirectory("notify")
        for name in Self.names(in: directory) {
            let manager = ServiceManager(environment: ["NOTIFY_SOCKET": name])
            manager.ready("Accepting")
            let socket = try NotifySocket(name)
            manager.alive()
            #expect(socket.messages() == ["WATCHDOG=1"])
        }
    }

    @Test(arguments: [nil, "", "relative", "/" + String(repeating: "x", count: 200)])
    func `without a usable notification socket nothing is sent, and the rest of the environment counts`(_ name: String?)
    {
        var environment = ["WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "77"]
        environment["NOTIFY_SOCKET"] = name
        let manager = ServiceManager(environment: environment, process: 77)
        manager.ready("Accepting")
        #expect(manager.watchdog == 1.5)
    }

    @Test(
        arguments: [
            ([:], nil),
            (["LISTEN_PID": "77", "LISTEN_FDS": "1"], 3..<4),
            (["LISTEN_PID": "77", "LISTEN_FDS": "2"], 3..<5),
            (["LISTEN_PID": "78", "LISTEN_FDS": "1"], nil),
            (["LISTEN_FDS": "1"], nil),
            (["LISTEN_PID": "77", "LISTEN_FDS": "0"], nil),
            (["LISTEN_PID": "77", "LISTEN_FDS": "2147483647"], nil),
            (["LISTEN_PID": "77"], nil),
        ] as [([String: String], Range<Int32>?)])
    func `sockets are those handed over to this process`(_ environment: [String: String], _ sockets: Range<Int32>?) {
        #expect(ServiceManager(environment: environment, process: 77).sockets == sockets)
    }

    @Test(
        arguments: [
            ([:], nil),
            (["WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "77"], 1.5),
            (["WATCHDOG_USEC": "1500000"], 1.5),
            (["WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "78"], nil),
            (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
        ] as [([String: String], Double?)])
    func `signs of life are given where they are waited for`(_ environment: [String: String], _ seconds: Double?) {
        #expect(ServiceManager(environment: environment, process: 77).watchdog == seconds)
    }
}
