import Spool
import Store
import System

/// What becomes of delivered messages: kept in delivered/ for a while, given up for new mail, and brought again when the
/// database is not the one that they were delivered to. For the delivery thread.
///
/// A message is brought again, however many crashes are on the way: it is moved to redeliver/ before the new database is
/// written down, and leaves redeliver/ when that has it.
struct DeliveredKeeper {
    private let context: FilterContext
    var limit: Spool.DoneLimit
    private let file: DatabasePositionFile
    /// The one that delivered/ was delivered to; nil where none is known.
    private var history: DatabasePosition?
    private var isLoaded = false
    /// Nothing is given up by age while it is open whether the database still has it.
    private var isCompared = false
    private var kept = Spool.Amount()
    private var isTold = false
    /// Brought again since the last line about it.
    private var broughtCount = 0
    private var hasNews = false
    /// In `MonotonicClock.seconds`.
    private var tidyDue = 0.0

    init(context: FilterContext, limit: Spool.DoneLimit) {
        self.context = context
        self.limit = limit
        file = DatabasePositionFile(path: "\(context.spool.directory)/history")
    }

    /// Seconds between two looks at the age of what is kept.
    var interval: Double { limit.age == 0 ? 60 : Double(min(60, max(1, limit.age / 10))) }

    // MARK: Is it the same database?

    /// The next connection may be to another database.
    mutating func compareNext() { isCompared = false }

    /// If it is another one, moves what was delivered to where it is delivered from again.
    mutating func compare(_ connection: IngestSession) throws {
        guard !isCompared else { return }
        if !isLoaded {
            history = try file.load()
            isLoaded = true
        }
        guard let current = try connection.history() else {
            if !isTold { context.log.databasePositionUnknown() }
            isTold = true
            isCompared = true
            return
        }
        if history.map({ !current.continues($0) }) ?? true {
            let moved = try context.spool.redeliverAll()
            if history != nil || moved > 0 { context.log.databaseReplaced(history, current, messages: moved) }
            kept = Spool.Amount()
            if moved > 0 { context.spool.wake() }
        }
        if history != current { save(current) }
        isCompared = true
    }

    private mutating func save(_ current: DatabasePosition) {
        history = current
        // Not written, it is compared with the older one after a restart, and some is brought once too often.
        do { try file.save(current) } catch { context.log.spoolAlarm("\(error); tried again later") }
    }

    // MARK: What is kept

    /// A message was delivered. On an error its file is where it was.
    mutating func keep(_ name: String, from area: Spool.Area) throws(SpoolError) {
        if limit.age == 0 {
            try context.spool.remove(name, from: area)
        } else {
            do {
                let size = try context.spool.keepDelivered(name, from: area)
                kept.files += 1
                kept.bytes += size
            } catch  where error.isGone {
                context.log.movedByHand(name, area)
            } catch {
                // It is dispensable, and must not be delivered again.
                try context.spool.remove(name, from: area)
                context.log.spoolAlarm("\(error)")
            }
        }
        hasNews = true
        if area == .redeliver { broughtCount += 1 }
    }

    /// Everything of redeliver/ was delivered.
    mutating func redelivered() {
        guard broughtCount > 0 else { return }
        context.log.redelivered(messages: broughtCount)
        broughtCount = 0
    }

    /// Gives up what is too old or too much, and writes down how far the database has come, from time to time.
    mutating func tidy(_ connection: IngestSession) throws {
        guard MonotonicClock.seconds >= tidyDue else { return }
        let start = MonotonicClock.seconds
        if hasNews {
            // A pooler may have put another server behind the connection.
            isCompared = false
            try compare(connection)
            hasNews = false
        }
        trim()
        tidyDue = MonotonicClock.seconds + max(interval, 20 * (MonotonicClock.seconds - start))
    }

    /// Between two looks, much may have come.
    mutating func tidyIfFull() {
        if kept.bytes > limit.bytes, isCompared { trim() }
    }

    /// What can't be given up does not hold up delivery.
    private mutating func trim() {
        do { kept = try context.spool.tidyDone(limit) } catch { context.log.spoolAlarm("\(error); tried again later") }
    }

    /// New mail found no room: all of it goes.
    mutating func makeRoom() {
        guard context.spool.takeRoomRequest() else { return }
        do {
            let cleared = try context.spool.clearDone()
            kept = Spool.Amount()
            if cleared.files > 0 { context.log.madeRoom(cleared) }
        } catch {
            context.log.spoolAlarm("\(error)")
        }
    }
}
