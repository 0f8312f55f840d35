import ArgumentParser
import Foundation
import TestSupport

@main
struct Soak: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Mixed load on a private lever-milter, Postfix and PostgreSQL, and what became of every message.",
        discussion: "docs/explanation/faults.md says what the figures mean.")

    @Argument(help: "How many minutes of load.")
    var minutes = 20.0

    @Option(help: "Messages a second, about.")
    var rate = 20.0

    @Option(help: "Sessions at a time.")
    var senders = 8

    @Option(help: "Clients at a time that break off.")
    var breakers = 2

    @Flag(name: .customLong("no-faults"), help: "Nothing is stopped, killed or reloaded.")
    var noFaults = false

    func validate() throws {
        guard minutes > 0, rate > 0, senders > 0, breakers >= 0 else {
            throw ValidationError("minutes, --rate and --senders must be larger than 0, --breakers not less")
        }
    }

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let supervisor = try Supervisor()
        let site = try Site(milterPort: supervisor.port)
        try supervisor.run(configuration: site.configuration)
        let reloads = noFaults ? false : try supervisor.hangUp()
        let idle = try settled(supervisor)
        let kind = noFaults ? "without faults" : "with faults, SIGHUP \(reloads ? "reloads" : "stops the daemon")"
        say("Load for \(minutes) minutes, \(kind); the daemon when idle: \(idle)")

        let ledger = Ledger()
        let loads = Senders(site: site, ledger: ledger)
        let trouble = Troublemaker(site: site, ledger: ledger, milterPort: supervisor.port)
        let faults = Faults(site: site, supervisor: supervisor, reloads: reloads)
        let (start, end) = (now(), now() + minutes * 60)
        loads.start(senders, rate: rate)
        trouble.start(breakers)
        if noFaults {
            report(until: end, from: start, ledger, supervisor)
        } else {
            let reporting = DispatchGroup()
            DispatchQueue.global().async(group: reporting) { [self] in
                report(until: end, from: start, ledger, supervisor)
            }
            faults.run(from: start, until: end)
            reporting.wait()
        }
        trouble.stop()
        loads.stop()
        say("The load is over; waiting for the spool")
        let drained = try drain(site)
        let idleAgain = try settled(supervisor)
        let status = try supervisor.stop()

        let summary = Summary(
            ledger: ledger.snapshot, verdict: try Verdict(site: site, ledger: ledger.snapshot),
            supervisor: supervisor, faults: (faults.happened, faults.failures), idle: (idle, idleAgain),
            drained: drained,
            left: (try site.spooled("new"), try site.spooled("tmp"), try site.spooled("quarantine")),
            lastStatus: status, time: (start, end))
        summary.tell()
        guard summary.problems.isEmpty else { throw ExitCode.failure }
    }

    /// A line a minute.
    private func report(until end: Double, from start: Double, _ ledger: Ledger, _ supervisor: Supervisor) {
        var next = start + 60
        while now() < end {
            while now() < min(next, end) { usleep(100_000) }
            guard now() >= next else { return }
            if let vitals = Vitals(of: supervisor.current.daemon.pid) {
                say("  minute \(Int((next - start) / 60)): accepted \(ledger.acceptedCount), the daemon: \(vitals)")
            }
            next += 60
        }
    }

    /// The daemon with no session and its connection to the database.
    private func settled(_ supervisor: Supervisor) throws -> Vitals {
        var last: Vitals?
        var same = 0
        let limit = now() + 60
        while now() < limit {
            if let vitals = Vitals(of: supervisor.current.daemon.pid) {
                same = vitals.descriptors == last?.descriptors ? same + 1 : 0
                last = vitals
                if same == 20 { return vitals }
            }
            usleep(200_000)
        }
        guard let last else { throw HarnessError("the daemon does not run") }
        return last
    }

    /// Seconds until nothing waited any more; nil if something still does after three minutes.
    private func drain(_ site: Site) throws -> Double? {
        let start = now()
        while now() < start + 180 {
            if try site.spooled("new") == 0, try site.spooled("tmp") == 0 { return now() - start }
            usleep(200_000)
        }
        return nil
    }
}

/// Prints a line at once, also into a file.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

extension Vitals: CustomStringConvertible {
    var description: String { "RSS \(resident) KiB, \(descriptors) descriptors, \(threads) threads" }
}
