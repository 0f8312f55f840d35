import Core
import Glibc
import Store

/// Shows rows of the delivery log as they are written, across losses of the database connection.
///
/// The process exits with status 0 on SIGINT and SIGTERM, and once the reader of its output is gone.
struct DeliveryFollower {
    private let conninfo: String
    private let role: OperatorSession.Role
    private let filter: OperatorSession.Filter
    private let clock: ReaderClock
    private let asJSON: Bool

    /// Milliseconds. Rows become visible when their transaction commits, so a row may appear after later ones: each
    /// query goes back this far. A transaction with large messages takes seconds.
    private static let overlap: Int64 = 60_000

    fileprivate struct Key: Hashable {
        let company: CompanyID
        let entry: EntryID
        /// Part of the key because a message that was refused may be stored later.
        let storedAt: Timestamp
    }

    init(
        _ conninfo: String, _ role: OperatorSession.Role, _ filter: OperatorSession.Filter, _ clock: ReaderClock,
        asJSON: Bool
    ) {
        (self.conninfo, self.role, self.filter, self.clock, self.asJSON) = (conninfo, role, filter, clock, asJSON)
    }

    func run(_ first: OperatorSession, limit: Int) throws {
        for number in [SIGINT, SIGTERM, SIGPIPE] { signal(number) { _ in _exit(0) } }
        var log: OperatorSession? = first
        var newest = try first.now()
        var companies = try first.companies()
        var shown: Set<Key> = []

        func show(_ records: [DeliveryRecord]) throws {
            let new = records.filter { shown.insert(Key(of: $0)).inserted }
            // A company may have been added meanwhile.
            if let log, new.contains(where: { companies[$0.company] == nil }) { companies = try log.companies() }
            try write(new.map { DeliveryRow($0, companies) })
            newest = records.map(\.storedAt).max().map { max($0, newest) } ?? newest
            shown = shown.filter { $0.storedAt.milliseconds >= newest.milliseconds - Self.overlap }
        }

        if !asJSON { try write([DeliveryRow.titles]) }
        // Rows from before the start that are not among the last ones count as shown.
        let begin = newest
        let last = try first.records(filter, atMost: limit)
        let recent = try first.records(
            filter, storedSince: Timestamp(milliseconds: begin.milliseconds - Self.overlap))
        shown = Set(recent.filter { $0.storedAt < begin && !last.contains($0) }.map(Key.init(of:)))
        try show(last)

        while isRead(for: 1) {
            do {
                if log == nil {
                    log = try OperatorSession(conninfo, as: role)
                    printError("leverctl: the database is back")
                }
                try show(
                    log!.records(
                        filter, storedSince: Timestamp(milliseconds: newest.milliseconds - Self.overlap)))
            } catch let error as DatabaseError {
                if log != nil { printError("leverctl: \(error); trying again") }
                log = nil
            }
        }
    }

    /// Waits `seconds`. Returns false once the reader of the output is gone.
    private func isRead(for seconds: Int32) -> Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        poll(&output, 1, seconds * 1000)
        return output.revents & Int16(POLLERR | POLLHUP) == 0
    }

    private func write(_ rows: [DeliveryRow]) throws {
        guard asJSON else {
            try write(rows.map { $0.cells(clock) })
            return
        }
        try output(rows.map(jsonLine))
    }

    private func write(_ rows: [[String]]) throws {
        try output(rows.map { tableLine($0.map { $0.printable() }, DeliveryRow.widths) })
    }

    /// Writes whole lines: signals are blocked meanwhile.
    private func output(_ lines: [String]) throws {
        guard !lines.isEmpty else { return }
        var (signals, before) = (sigset_t(), sigset_t())
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try writeOutput(Array((lines.joined(separator: "\n") + "\n").utf8))
    }
}

extension DeliveryFollower.Key {
    fileprivate init(of record: DeliveryRecord) {
        self.init(company: record.company, entry: record.entry, storedAt: record.storedAt)
    }
}
