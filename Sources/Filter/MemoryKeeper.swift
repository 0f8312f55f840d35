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
    private let file: MemoryFile
    private let log: EventLog
    /// What the memory is of: the database and the companies whose mail is in it. Nil where nothing is known.
    private var source: String?
    private var horizon: Int64 = 0
    /// In `MonotonicClock.seconds`.
    private var due = 0.0
    private var wholeDue = 0.0
    private var isFileUsable = false
    /// Whether `source` is that of the connection and routing at hand.
    private var isChecked = false

    /// Seconds between two looks at what is new.
    static let interval = 5.0
    /// Seconds after which everything is read again, so that what was erased in the database goes here too.
    private static let wholeInterval = 86_400.0

    init(memory: ThreadMemory, spoolDirectory: String, log: EventLog) {
        self.memory = memory
        file = MemoryFile(path: "\(spoolDirectory)/memory")
        self.log = log
    }

    /// Takes the copy on disk, and what waits in the spool. A copy that cannot be read counts as none.
    func load(spool: Spool) {
        do {
            if let copy = try memory.take(file) {
                (source, horizon) = copy
                isFileUsable = true
            }
            for area in [Spool.Area.new, .again] {
                for name in try spool.waiting(in: area) {
                    // What can't be read now has its alarm elsewhere.
                    if let message = try? spool.open(name, in: area) { memory.learn(message.header) }
                }
            }
        } catch {
            log.memoryNotKept(error)
        }
        wholeDue = MonotonicClock.seconds + Self.wholeInterval
    }

    /// Reads what is new if it is time, or everything if the database or the companies are others than before.
    func refresh(_ connection: IngestConnection, _ routing: Routing) throws {
        guard MonotonicClock.seconds >= due else { return }
        if !isChecked {
            let current = try Self.source(connection, routing)
            if current != source { source = nil }
            if source == nil { try readAll(connection, current) }
            isChecked = true
        }
        if MonotonicClock.seconds >= wholeDue { try readAll(connection, source!) } else { try readNew(connection) }
        due = MonotonicClock.seconds + Self.interval
    }

    /// The next connection may be to another database.
    func connectionChanged() {
        (due, isChecked) = (0, false)
        // Where the server does not tell which one it is, it may be another.
        if source?.hasPrefix(Self.unnamed) == true { source = nil }
    }

    /// Other companies may be on limited sync.
    func routingChanged() { (due, isChecked) = (0, false) }

    private static let unnamed = "unknown"

    private static func source(_ connection: IngestConnection, _ routing: Routing) throws -> String {
        let database =
            try connection.history().map { "\($0.system) \($0.database) \($0.timeline) \($0.table)" } ?? unnamed
        let companies = routing.companies.filter { $0.sync == .limited }
            .map { "\($0.id)\($0.unsignedMarkers == .known ? "+" : "")" }.joined(separator: ",")
        return "\(database) \(companies)"
    }

    private func readAll(_ connection: IngestConnection, _ current: String) throws {
        let new = try connection.memoryHorizon()
        var writer = rewriting(current)
        memory.threads.beginReload()
        memory.candidates.beginReload()
        try connection.forEachLearnedPage { packed in
            memory.threads.insert(ThreadMemory.entries(packed))
            try writer?.append(MemoryFile.Block(.threads, bytes: packed))
        }
        try connection.forEachCandidatePage { packed in
            memory.candidates.insert(ThreadMemory.entries(packed))
            try writer?.append(MemoryFile.Block(.candidates, bytes: packed))
        }
        memory.threads.endReload()
        memory.candidates.endReload()
        (source, horizon) = (current, new)
        wholeDue = MonotonicClock.seconds + Self.wholeInterval
        do {
            try writer?.append(MemoryFile.Block(.horizon, number: new))
            isFileUsable = writer != nil
            try writer.take()?.commit()
        } catch {
            isFileUsable = false
            log.memoryNotKept(error)
        }
        log.memoryRead(threads: memory.threads.count, candidates: memory.candidates.count)
    }

    private func rewriting(_ source: String) -> MemoryFile.Rewriting? {
        do {
            var writer = try file.rewrite()
            try writer.append(MemoryFile.Block(.source, bytes: Array(source.utf8)))
            return writer
        } catch {
            log.memoryNotKept(error)
            return nil
        }
    }

    private func readNew(_ connection: IngestConnection) throws {
        let new = try connection.memoryHorizon()
        guard let (threads, candidates) = try connection.memory(since: horizon) else {
            wholeDue = 0
            return
        }
        horizon = new
        guard !threads.isEmpty || !candidates.isEmpty else { return }
        memory.threads.insert(ThreadMemory.entries(threads))
        memory.candidates.insert(ThreadMemory.entries(candidates))
        guard isFileUsable else { return }
        do {
            try file.append([
                MemoryFile.Block(.threads, bytes: threads), MemoryFile.Block(.candidates, bytes: candidates),
                MemoryFile.Block(.horizon, number: new),
            ])
        } catch {
            // The next whole reading makes it anew.
            isFileUsable = false
            log.memoryNotKept(error)
        }
    }
}
