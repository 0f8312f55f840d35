import Core
import Inspection
import Spool
import Store

/// Keeps what the host remembers up to date: from the copy on disk when it starts, then from the database, all of it once and
/// what is new every few seconds. For one thread at a time: the one that starts the daemon, then the delivery thread.
///
/// What this host captured it remembers at once. A reply to what another host captured is known a few seconds later.
final class MemoryKeeper {
    private let memory: ThreadMemory
    private let spool: Spool
    private let file: MemoryFile
    private let log: EventLog
    /// What the memory is of. Nil where nothing is known.
    private var source: MemorySource?
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

    init(memory: ThreadMemory, spool: Spool, log: EventLog) {
        self.memory = memory
        self.spool = spool
        file = MemoryFile(path: "\(spool.directory)/memory")
        self.log = log
    }

    /// Takes the copy on disk, and what waits in the spool. A copy that cannot be read counts as none.
    func load() {
        do {
            if let copy = try memory.take(file) {
                (source, horizon) = (MemorySource(copy.source), copy.horizon)
                isFileUsable = true
            }
        } catch {
            log.memoryNotKept(error)
        }
        learnWaiting()
        wholeDue = MonotonicClock.seconds + Self.wholeInterval
    }

    /// What the database does not have yet.
    private func learnWaiting() {
        for area in [Spool.Area.new, .again] {
            // What can't be read now has its alarm elsewhere.
            for name in (try? spool.waiting(in: area)) ?? [] {
                if let message = try? spool.open(name, in: area) { memory.learn(message.header) }
            }
        }
    }

    /// Reads what is new if it is time, or everything if it is another database or a day has passed.
    func refresh(_ connection: IngestConnection, _ routing: Routing) throws {
        let start = MonotonicClock.seconds
        guard start >= due else { return }
        if !isChecked {
            let current = try MemorySource(connection, routing)
            if let source, source.isSameDatabase(as: current) {
                try readAdded(current.companies.subtracting(source.companies), connection)
                keep([MemoryFile.Block(.source, bytes: Array(current.text.utf8))], if: current != source)
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

    private func readAll(_ connection: IngestConnection) throws {
        let new = try connection.memoryHorizon()
        var copy = MemoryCopy(file, of: source!, log: log)
        memory.threads.beginReload()
        memory.candidates.beginReload()
        try connection.forEachLearnedPage { packed in
            memory.threads.insert(ThreadMemory.entries(packed))
            copy.append(MemoryFile.Block(.threads, bytes: packed))
            progress()
        }
        try connection.forEachCandidatePage { packed in
            memory.candidates.insert(ThreadMemory.entries(packed))
            copy.append(MemoryFile.Block(.candidates, bytes: packed))
        }
        learnWaiting()
        memory.threads.endReload()
        memory.candidates.endReload()
        horizon = new
        wholeDue = MonotonicClock.seconds + Self.wholeInterval
        copy.append(MemoryFile.Block(.horizon, number: new))
        isFileUsable = copy.commit()
        log.memoryRead(threads: memory.threads.count, candidates: memory.candidates.count)
    }

    /// Of companies that were not on limited sync, or did not take unsigned markers, before.
    private func readAdded(_ companies: Set<MemorySource.Company>, _ connection: IngestConnection) throws {
        for company in companies {
            try connection.forEachLearnedPage(of: company.id) { packed in
                memory.threads.insert(ThreadMemory.entries(packed))
                keep([MemoryFile.Block(.threads, bytes: packed)])
            }
            try connection.forEachCandidatePage(of: company.id) { packed in
                memory.candidates.insert(ThreadMemory.entries(packed))
                keep([MemoryFile.Block(.candidates, bytes: packed)])
            }
        }
    }

    private func readNew(_ connection: IngestConnection) throws {
        let new = try connection.memoryHorizon()
        guard let (threads, candidates) = try connection.memory(since: horizon) else {
            wholeDue = 0
            return
        }
        memory.threads.insert(ThreadMemory.entries(threads))
        memory.candidates.insert(ThreadMemory.entries(candidates))
        // As long as a transaction holds up the horizon, the same is read again.
        guard new > horizon else { return }
        horizon = new
        let blocks = [
            MemoryFile.Block(.threads, bytes: threads), MemoryFile.Block(.candidates, bytes: candidates),
            MemoryFile.Block(.horizon, number: new),
        ]
        keep(blocks, if: !threads.isEmpty || !candidates.isEmpty)
    }

    /// Appends to the copy on disk. After a failure, the next reading of everything makes it anew.
    private func keep(_ blocks: [MemoryFile.Block], if isWanted: Bool = true) {
        guard isFileUsable, isWanted else { return }
        do {
            try file.append(blocks)
        } catch {
            isFileUsable = false
            log.memoryNotKept(error)
        }
    }
}
