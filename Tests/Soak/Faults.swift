import Foundation
import Synchronization
import TestSupport

/// The faults of the soak, in turn. In the first half the daemon keeps running, so that its growth shows; in the second
/// half it is stopped in every way.
final class Faults: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case databaseRestart = "PostgreSQL restarted"
        case postfixReload = "Postfix reloaded"
        case databaseCrash = "PostgreSQL stopped as by a crash"
        case databaseAway = "PostgreSQL away for 10 s"
        case terminate = "daemon stopped by SIGTERM"
        case kill = "daemon killed"
        case hangUp = "SIGHUP"

        /// The faults that leave the daemon running. SIGHUP is one if the daemon reloads on it.
        static let gentle: [Kind] = [.databaseRestart, .postfixReload, .databaseCrash, .databaseAway]
        static let all: [Kind] = [
            .terminate, .databaseCrash, .kill, .hangUp, .postfixReload, .kill, .databaseAway, .terminate,
        ]
    }

    private let site: Site
    private let supervisor: Supervisor
    private let gentle: [Kind]
    private let counts = Mutex<[String: Int]>([:])
    private let failureList = Mutex<[String]>([])

    /// `reloads`: the daemon reloads on SIGHUP.
    init(site: Site, supervisor: Supervisor, reloads: Bool) {
        self.site = site
        self.supervisor = supervisor
        gentle = Kind.gentle + (reloads ? [.hangUp] : [])
    }

    /// How often each happened.
    var happened: [String: Int] { counts.withLock { $0 } }
    /// Faults that could not be caused or ended.
    var failures: [String] { failureList.withLock { $0 } }

    /// Causes one fault after the other until `end`, on the calling thread. Times are those of `now()`.
    func run(from start: Double, until end: Double) {
        let half = start + (end - start) / 2
        var (first, second) = (0, 0)
        while true {
            let next = now() + Double.random(in: 10..<20)
            while now() < min(next, end - 10) { usleep(100_000) }
            guard now() < end - 10 else { return }
            let kind: Kind
            if now() < half {
                kind = gentle[first % gentle.count]
                first += 1
            } else {
                kind = Kind.all[second % Kind.all.count]
                second += 1
            }
            do {
                try cause(kind)
            } catch {
                failureList.withLock { $0.append("\(kind.rawValue): \(error)") }
            }
        }
    }

    private func cause(_ kind: Kind) throws {
        var name = kind.rawValue
        switch kind {
        case .databaseRestart: try site.postgres.restart()
        case .postfixReload: site.postfix.reload()
        case .databaseCrash:
            try site.postgres.kill()
            try site.postgres.start()
        case .databaseAway:
            try site.postgres.kill()
            usleep(10_000_000)
            try site.postgres.start()
        case .terminate: try supervisor.restart(by: SIGTERM)
        case .kill: try supervisor.restart(by: SIGKILL)
        case .hangUp: name += try supervisor.hangUp() ? ", it went on" : ", it stopped"
        }
        counts.withLock { $0[name, default: 0] += 1 }
    }
}
