import Capture
import Core
import Inspection
import Spool
import Store
import System

/// Keeps what the host remembers up to date: from the copy on disk when it starts, then from the database, all of it once and
/// what is new every few seconds. For one thread at a time: the one that starts the daemon, then the delivery thread.
///
/// What this host captured it remembers at once. A reply to what another host captured is known a few seconds later.
final class LearnedThreadsUpdater {
    private let learned: LearnedThreads
    private let spool: Spool
    private let file: LearnedThreadsFile
    private let log: EventLog
    /// What the memory is of. Nil where nothing is known.
    private var source: LearnedThreadsOrigin?
    /// Whether `source` is that of the connection and routing at hand.
    private var isChecked = false
    private var horizon: Int64 = 0
    private var isFileUsable = false
    /// In `MonotonicClock.seconds`.
    private var due = 0.0
    private var wholeDue = 0.0
    /// Called from time to time while everything is read.
    var progress: () -> Void = {}

    /// Seconds between two looks at what is new.
    static let interval = 5.0
    /// Seconds after which everything is read again, so that what was erased in the database goes here too.
    private static let wholeInterval = 86_400.0

    init(learned: LearnedThreads, spool: Spool, log: EventLog) {
        self.learned = learned
        self.spool = spool
        file = LearnedThreadsFile(path: "\(spool.directory)/learned")
        self.log = log
    }

    /// Takes the copy on disk, and what waits in the spool. A copy that cannot be read counts as none.
    func load() {
        do {
            if let copy = try learned.take(file) {
                (source, horizon) = (LearnedThreadsOrigin(copy.source), copy.horizon)
                isFileUsable = true
            }
        } catch {
            log.learnedIDsNotSaved(error)
        }
        learnWaiting()
        wholeDue = MonotonicClock.seconds + Self.wholeInterval
    }

    /// What the database does not have yet.
    private func learnWaiting() {
        for area in [Spool.Area.new, .redeliver] {
            // What can't be read now has its alarm elsewhere.
            for name in (try? spool.waiting(in: area)) ?? [] {
                if let message = try? spool.open(name, in: area) { learned.learn(message.header) }
            }
        }
    }

    /// Reads what is new if it is time, or everything if it is another database or a day has passed.
    func refresh(_ connection: IngestSession, _ routing: Routing) throws {
        let start = MonotonicClock.seconds
        guard start >= due else { return }
        if !isChecked {
            let current = try LearnedThreadsOrigin(connection, routing)
            if let source, source.isSameDatabase(as: current) {
                try readAdded(current.companies.subtracting(source.companies), connection)
                keep([LearnedThreadsFile.Block(.source, bytes: Array(current.text.utf8))], if: current != source)
            } else {
                wholeDue = 0
            }
            source = current
            isChecked = true
        }
        if start >= wholeDue { try readAll(connection) } else { try readNew(connection) }
        // However much there is, most of the time is left for delivery.
        due = MonotonicClock.seconds + max(Self.interval, 20 * (MonotonicClock.seconds - start))
    }

    /// The next connection may be to another database.
    func connectionChanged() { (due, isChecked) = (0, false) }

    /// Other companies may be on limited sync.
    func routingChanged() { (due, isChecked) = (0, false) }

    private func readAll(_ connection: IngestSession) throws {
        let new = try connection.learnedHorizon()
        var copy = LearnedThreadsSnapshot(file, of: source!, log: log)
        learned.threads.beginFullRead()
        learned.candidates.beginFullRead()
        try connection.forEachLearnedPage { packed in
            learned.threads.insert(LearnedThreads.entries(packed))
            copy.append(LearnedThreadsFile.Block(.threads, bytes: packed))
            progress()
        }
        try connection.forEachCandidatePage { packed in
            learned.candidates.insert(LearnedThreads.entries(packed))
            copy.append(LearnedThreadsFile.Block(.candidates, bytes: packed))
        }
        learnWaiting()
        learned.threads.endFullRead()
        learned.candidates.endFullRead()
        horizon = new
        wholeDue = MonotonicClock.seconds + Self.wholeInterval
        copy.append(LearnedThreadsFile.Block(.horizon, number: new))
        isFileUsable = copy.commit()
        log.learnedIDsLoaded(threads: learned.threads.count, candidates: learned.candidates.count)
    }

    /// Of companies that were not on limited sync, or did not take unsigned markers, before.
    private func readAdded(_ companies: Set<LearnedThreadsOrigin.Company>, _ connection: IngestSession) throws {
        for company in companies {
            try connection.forEachLearnedPage(of: company.id) { packed in
                learned.threads.insert(LearnedThreads.entries(packed))
                keep([LearnedThreadsFile.Block(.threads, bytes: packed)])
            }
            try connection.forEachCandidatePage(of: company.id) { packed in
                learned.candidates.insert(LearnedThreads.entries(packed))
                keep([LearnedThreadsFile.Block(.candidates, bytes: packed)])
            }
        }
    }

    private func readNew(_ connection: IngestSession) throws {
        let new = try connection.learnedHorizon()
        guard let (threads, candidates) = try connection.learnedChanges(since: horizon) else {
            wholeDue = 0
            return
        }
        learned.threads.insert(LearnedThreads.entries(threads))
        learned.candidates.insert(LearnedThreads.entries(candidates))
        // As long as a transaction holds up the horizon, the same is read again.
        guard new > horizon else { return }
        horizon = new
        let blocks = [
            LearnedThreadsFile.Block(.threads, bytes: threads),
            LearnedThreadsFile.Block(.candidates, bytes: candidates),
            LearnedThreadsFile.Block(.horizon, number: new),
        ]
        keep(blocks, if: !threads.isEmpty || !candidates.isEmpty)
    }

    /// Appends to the copy on disk. After a failure, the next reading of everything makes it anew.
    private func keep(_ blocks: [LearnedThreadsFile.Block], if isWanted: Bool = true) {
        guard isFileUsable, isWanted else { return }
        do {
            try file.append(blocks)
        } catch {
            isFileUsable = false
            log.learnedIDsNotSaved(error)
        }
    }
}
