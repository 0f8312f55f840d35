import Foundation
import Synchronization
import TestSupport

/// Sessions that send messages to a filter again and again, each in a thread of its own.
struct MilterLoad {
    var sessions: Int
    /// Seconds.
    var duration: Double
    /// Messages per connection; nil for one connection in all.
    var messagesPerConnection: Int?
    /// Each session sends these in turn.
    var mails: [Mail]

    /// The sum of all sessions.
    struct Result {
        /// Messages a second.
        let rate: Double
        let messages: Int
        /// Nanoseconds from a write to its reply, by stage, sorted.
        let latencies: [MilterDialogue.Stage: [UInt32]]
        /// Seconds of processor time used by the filter.
        let processorTime: Double

        /// Microseconds of the filter's processor time per message.
        var processorTimeOfMessage: Double { processorTime / Double(messages) * 1e6 }

        /// Microseconds within which that share of the replies arrived.
        func latency(_ stage: MilterDialogue.Stage, _ share: Double) -> Double {
            guard let all = latencies[stage], !all.isEmpty else { return .nan }
            return Double(all[min(all.count - 1, Int(Double(all.count) * share))]) / 1000
        }
    }

    /// `expected`: the stage at which each message must end; any other is an error.
    func run(on filter: any MilterServer, endingAt expected: MilterDialogue.Stage) throws -> Result {
        let threads = (0..<sessions).map { _ in MilterSessionThread(load: self, socket: filter.socket, expected) }
        let before = try processorTime(of: filter.pid)
        let start = now()
        let deadline = start + duration
        for thread in threads { thread.start(until: deadline) }
        let outcomes = threads.map { $0.join() }
        let elapsed = now() - start
        let used = try processorTime(of: filter.pid) - before
        var messages = 0
        var latencies: [MilterDialogue.Stage: [UInt32]] = [:]
        for outcome in outcomes {
            let tally = try outcome.get()
            messages += tally.messages
            for (stage, values) in tally.latencies { latencies[stage, default: []] += values }
        }
        return Result(
            rate: Double(messages) / elapsed, messages: messages, latencies: latencies.mapValues { $0.sorted() },
            processorTime: used)
    }
}

/// A running filter.
protocol MilterServer: AnyObject {
    var name: String { get }
    /// Path of the UNIX socket that it listens on, as on a mail host. Over TCP on loopback, filters that reply at many
    /// steps would suffer from Nagle's algorithm with delayed acknowledgements, 40 ms at a time.
    var socket: String { get }
    var pid: Int32 { get }
}

/// Seconds of processor time used by a process so far, with all its threads.
func processorTime(of process: Int32) throws -> Double {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else {
        throw HarnessError("no processor time of process \(process)")
    }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Numbers messages, over all sessions and runs, so that no two are alike.
private let numbers = Atomic(1_000_000_000)

/// One session of a load.
private final class MilterSessionThread: @unchecked Sendable {  // What is written by the thread is read after join.
    struct Tally {
        var messages = 0
        var latencies: [MilterDialogue.Stage: [UInt32]] = [:]
    }

    private let load: MilterLoad
    private let socket: String
    private let expected: MilterDialogue.Stage
    private let done = DispatchSemaphore(value: 0)
    private var outcome: Result<Tally, any Error>?

    init(load: MilterLoad, socket: String, _ expected: MilterDialogue.Stage) {
        self.load = load
        self.socket = socket
        self.expected = expected
    }

    func start(until deadline: Double) {
        let thread = Thread { [self] in
            outcome = Result { try work(until: deadline) }
            done.signal()
        }
        thread.start()
    }

    func join() -> Result<Tally, any Error> {
        done.wait()
        return outcome!
    }

    private func work(until deadline: Double) throws -> Tally {
        var tally = Tally()
        var latencies = MilterDialogue.Stage.allCases.map { _ in [UInt32]() }
        while now() < deadline {
            let connection = try MilterConnection(socket: socket, mails: load.mails)
            var sent = 0
            while now() < deadline, sent < load.messagesPerConnection ?? .max {
                let end = try connection.send(number: numbers.add(1, ordering: .relaxed).newValue) { stage, time in
                    latencies[stage.rawValue].append(time)
                }
                guard end == expected else { throw HarnessError("a message ended at \(end), not at \(expected)") }
                sent += 1
            }
            tally.messages += sent
            try connection.quit()
        }
        for stage in MilterDialogue.Stage.allCases where !latencies[stage.rawValue].isEmpty {
            tally.latencies[stage] = latencies[stage.rawValue]
        }
        return tally
    }
}
