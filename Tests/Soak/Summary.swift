import TestSupport

/// The report at the end, and which of it are failures.
struct Summary {
    let ledger: Ledger.Content
    let verdict: Verdict
    let supervisor: Supervisor
    /// How often each fault was caused, and which could not be.
    let faults: (happened: [String: Int], failures: [String])
    /// Before the load and after it.
    let idle: (before: Vitals, after: Vitals)
    /// Seconds until the spool was empty.
    let drained: Double?
    let left: (new: Int, tmp: Int, quarantine: Int)
    let lastStatus: Int32
    /// The load's, by `now()`.
    let time: (start: Double, end: Double)

    /// KiB and descriptors that a daemon may grow by. Memory rises and falls with the messages in progress, and so do
    /// descriptors with the sessions; a leak exceeds that in a long run.
    private static let residentBound = 16 << 10
    private static let descriptorBound = 16
    /// Descriptors with no session, after the load against before it.
    private static let idleBound = 2

    /// The longest-lived daemon under load shows growth best.
    private var growth: Growth? {
        supervisor.allLives.map { life in life.samples.withLock { $0.filter { $0.time < time.end } } }
            .max { $0.count < $1.count }.flatMap(Growth.init)
    }

    var problems: [String] {
        var problems = verdict.faults
        for crash in supervisor.crashes {
            problems.append(
                "THE DAEMON ENDED BY ITSELF: status \(crash.status), \(Int(crash.age)) s after its start, \(Int(crash.time)) "
                    + "s into the soak; its last lines:\n    \(crash.lastLines.joined(separator: "\n    "))")
        }
        if let growth {
            if growth.last.resident - growth.first.resident > Self.residentBound { problems.append("MEMORY GREW") }
            if growth.last.descriptors - growth.first.descriptors > Self.descriptorBound {
                problems.append("DESCRIPTORS GREW")
            }
        }
        if idle.after.descriptors - idle.before.descriptors > Self.idleBound { problems.append("DESCRIPTORS LEAKED") }
        if drained == nil { problems.append("THE SPOOL DID NOT DRAIN") }
        if left.quarantine > 0 { problems.append("QUARANTINE HOLDS \(left.quarantine) FILES") }
        problems += faults.failures.map { "A FAULT WENT WRONG: \($0)" }
        if lastStatus != 0 { problems.append("THE LAST STOP GAVE STATUS \(lastStatus)") }
        return problems
    }

    func tell() {
        func line(_ name: String, _ value: String) {
            say("\(name)\(String(repeating: " ", count: max(1, 24 - name.count)))\(value)")
        }
        let accepted = Mail.Kind.allCases.map { (kind: $0, count: verdict.accepted[$0] ?? 0) }
        line("accepted", "\(accepted.map(\.count).reduce(0, +)) in \(Int(time.end - time.start)) s")
        for (kind, count) in accepted where kind != .aborted { line("  \(kind.rawValue)", "\(count)") }
        line("broken off on purpose", "\(ledger.brokenOff)")
        line("sent again on purpose", "\(ledger.repeated)")
        line("captured", "\(verdict.captured)")
        line("LOST", "\(verdict.lost.count)")
        line("DOUBLED", "\(verdict.doubled.count)")
        line("STORED UNMARKED", "\(verdict.wronglyStored.count)")
        line("duplicates recognised", "\(verdict.duplicates)")
        line("given up by senders", "\(ledger.givenUp), of which \(verdict.storedAndGivenUp) stored")
        line("left in the spool", "new \(left.new), tmp \(left.tmp), quarantine \(left.quarantine)")
        line("drained after", drained.map { "\(tenths($0)) s" } ?? "never")
        printDelays(line)
        printDaemons(line)
        printCounts("faults caused", faults.happened)
        printCounts("senders' errors", ledger.errors)
        printCounts("the daemons' complaints", complaints)
        let problems = problems
        for problem in problems { say(problem) }
        say(problems.isEmpty ? "GOOD" : "NOT GOOD")
    }

    /// Without a marker nothing has to be made durable: these messages wait for the filter's answer alone.
    private func printDelays(_ line: (String, String) -> Void) {
        for (name, kinds) in [("unmarked", [Mail.Kind.unmarked, .unrelated, .wrong]), ("marked", [.marked])] {
            let delays = ledger.delays.filter { kinds.contains($0.kind) }
            func percentiles(_ value: (Ledger.Delay) -> Double) -> String {
                let values = delays.map(value).sorted()
                guard let most = values.last else { return "none" }
                func at(_ share: Double) -> Int { Int(values[Int(Double(values.count - 1) * share)] * 1000) }
                return "p50 \(at(0.5)) ms, p99 \(at(0.99)) ms, longest \(Int(most * 1000)) ms"
            }
            line("\(name), reply", percentiles(\.reply))
            line("\(name), with retries", percentiles(\.total))
        }
    }

    private func printDaemons(_ line: (String, String) -> Void) {
        line("daemons", "\(supervisor.allLives.count), ended by themselves \(supervisor.crashes.count)")
        line("idle before", "\(idle.before)")
        line("idle after", "\(idle.after)")
        guard let growth else { return }
        let (first, last) = (growth.first, growth.last)
        line("longest life", "\(Int(growth.seconds)) s of steady state")
        line("  RSS", "\(first.resident) -> \(last.resident) KiB, growth \(last.resident - first.resident) KiB")
        line(
            "  descriptors",
            "\(first.descriptors) -> \(last.descriptors), growth \(last.descriptors - first.descriptors)")
        line("  threads", "\(first.threads) -> \(last.threads)")
    }

    private func printCounts(_ name: String, _ counts: [String: Int]) {
        say(name)
        if counts.isEmpty { say("  none") }
        for (what, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            say("  \(count) x \(what)")
        }
    }

    /// Lines of the daemons' logs that say `error:` or `warning:`, without what differs from one to the next.
    private var complaints: [String: Int] {
        var counts: [String: Int] = [:]
        for life in supervisor.allLives {
            for line in (try? life.daemon.lines()) ?? [] where line.contains("error:") || line.contains("warning:") {
                let kind = line.replacing(/^[0-9A-Za-z]+: (?=error:)/, with: "").replacing(/[0-9a-f-]{30,}/, with: "…")
                    .replacing(/[0-9]+(\.[0-9]+)?/, with: "N")
                counts[kind, default: 0] += 1
            }
        }
        return counts
    }

    private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
