import Capture
public import Core
public import Inspection
public import Observability
public import Spool
public import Store
import System

/// Keeps the host's learned ids up to date: loads the copy on disk at the start, then reads everything from the
/// database once, and what is new every few seconds. For one thread at a time: the one that starts the daemon, then the
/// delivery thread.
///
/// What this host captures is learned at once, what another host captures a few seconds later.
public final class LearnedThreadsUpdater {
    let learned: LearnedThreads
    private let spool: Spool
    let file: LearnedThreadsFile
    let log: EventLog
    /// Where the ids come from. Nil if nothing is known.
    var source: LearnedThreadsOrigin?
    /// `source` is that of the present connection and routing.
    private var isChecked = false
    var horizon = LearnedHorizon(oldestOpen: 0)
    var isFileUsable = false
    /// Nil if everything is read.
    var fullRead: FullRead?
    /// Something was erased in the database, and is still to be removed from memory.
    var isForgetting = false
    /// The copy on disk that replaces one with what was erased.
    var copy: CopyUnderWay?
    private var schedule = Schedule(every: LearnedThreadsUpdater.interval)
    /// Of reading everything, which also forgets what was erased in the database.
    var fullSchedule = Schedule(every: 86_400)
    /// Called from time to time while everything is read.
    public var progress: () -> Void = {}

    /// Seconds between two looks for what is new.
    static let interval = 5.0

    public init(learned: LearnedThreads, spool: Spool, log: EventLog) {
        self.learned = learned
        self.spool = spool
        file = LearnedThreadsFile(path: "\(spool.directory)/learned")
        self.log = log
    }

    /// Loads the copy on disk, and what waits in the spool. A copy that cannot be read counts as none.
    public func load() {
        do {
            if let copy = try learned.take(file) {
                (source, horizon) = (LearnedThreadsOrigin(copy.source), LearnedHorizon(oldestOpen: copy.horizon))
                isFileUsable = true
            }
        } catch {
            log.learnedIDsNotSaved(error)
        }
        learnWaiting()
        fullSchedule.postpone()
    }

    /// Learns what the database does not have yet.
    func learnWaiting() {
        for area in [Spool.Area.new, .redeliver] {
            // A file that cannot be read raises its alarm when it is delivered.
            for name in (try? spool.waiting(in: area)) ?? [] {
                if let record = try? spool.record(of: name, in: area) { learned.learn(record) }
            }
        }
    }

    /// If it is time, reads what is new; everything if the database is another one or a day has passed. With `isWhole`
    /// false, the latter is only begun, or a page of it read, since mail waits meanwhile.
    public func refresh(_ connection: IngestSession, _ routing: Routing, isWhole: Bool = true) throws {
        guard schedule.isDue || fullRead != nil else { return }
        let start = MonotonicClock.seconds
        if !isChecked {
            let current = try LearnedThreadsOrigin(connection, routing)
            if let source, source.isSameDatabase(as: current) {
                try readAdded(current.companies.subtracting(source.companies), connection)
                keep([LearnedThreadsFile.Block(.source, bytes: Array(current.text.utf8))], if: current != source)
            } else {
                fullSchedule.expedite()
                fullRead = nil
            }
            source = current
            isChecked = true
        }
        if fullSchedule.isDue {
            repeat { try readNextPage(connection) } while isWhole && fullRead != nil
        } else {
            try readNew(connection)
        }
        schedule.ended(startedAt: start)
    }

    /// The new connection may be to another database.
    func connectionChanged() { checkSource() }

    /// Other companies may be on limited sync.
    func routingChanged() { checkSource() }

    private func checkSource() {
        schedule.expedite()
        isChecked = false
    }

    /// Reads everything of companies that were not on limited sync, or did not accept unsigned markers, before.
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
        guard let changes = try connection.learnedChanges(since: horizon) else {
            fullSchedule.expedite()
            return
        }
        let (threads, candidates) = (
            LearnedThreads.entries(changes.threads), LearnedThreads.entries(changes.candidates)
        )
        learned.threads.insert(threads)
        learned.candidates.insert(candidates)
        if !changes.forgottenThreads.isEmpty {
            learned.threads.beginForgetting(changes.forgottenThreads, keeping: threads.map(\.index))
            isForgetting = true
        }
        if !changes.forgottenCandidates.isEmpty {
            learned.candidates.beginForgetting(changes.forgottenCandidates, keeping: candidates.map(\.index))
            isForgetting = true
        }
        horizon = new
        var blocks = [
            LearnedThreadsFile.Block(.threads, bytes: changes.threads),
            LearnedThreadsFile.Block(.candidates, bytes: changes.candidates),
        ]
        // A start from a copy that still has what was erased must read of the erasure again.
        if !isForgetting, copy == nil {
            blocks.append(LearnedThreadsFile.Block(.horizon, number: new.oldestOpen))
        }
        keep(blocks, if: !changes.threads.isEmpty || !changes.candidates.isEmpty)
    }

    /// Appends to the copy on disk. After a failure the copy is written again when everything is read next.
    private func keep(_ blocks: [LearnedThreadsFile.Block], if isWanted: Bool = true) {
        guard isFileUsable, isWanted else { return }
        copy?.later += blocks.filter { $0.kind != .horizon }
        do {
            try file.append(blocks)
        } catch {
            isFileUsable = false
            log.learnedIDsNotSaved(error)
        }
    }
}
