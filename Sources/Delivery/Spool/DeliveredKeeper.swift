import Spool
import Store
import System

/// Delivered messages, which are kept in delivered/ for a while: they make room for new mail, and are redelivered if
/// the database turns out to be another one than it was. For the delivery thread.
///
/// No crash on the way keeps a message from being redelivered: it moves to redeliver/ before the new database is
/// written down, and leaves redeliver/ when that database has it.
final class DeliveredKeeper {
    private let context: DeliveryContext
    var limit: Spool.DeliveredLimit
    private let file: DatabasePositionFile
    /// The position of the database that has what is in delivered/; nil if none is known.
    private var position: DatabasePosition?
    private var isLoaded = false
    /// The database was found to have what is in delivered/. Until then nothing there expires.
    private var isCompared = false
    private var kept = Spool.Amount()
    private var isWarned = false
    /// Redelivered since the last log line about it.
    private var redeliveredCount = 0
    private var hasNews = false
    private var schedule = Schedule(every: 0)
    /// Nil between two passes.
    private var tidying: DeliveredTidying?
    /// Seconds of work that went into this pass, and bytes that came since it began.
    private var (worked, added) = (0.0, 0)
    /// Removed so far, while everything is removed for room.
    private var cleared: Spool.Amount?

    init(context: DeliveryContext, limit: Spool.DeliveredLimit) {
        self.context = context
        self.limit = limit
        file = DatabasePositionFile(path: "\(context.spool.directory)/history")
    }

    /// Seconds between two looks for expired messages.
    var interval: Double { limit.age == 0 ? 60 : Double(min(60, max(1, limit.age / 10))) }

    // MARK: Is it the same database?

    /// The new connection may be to another database.
    func connectionChanged() { isCompared = false }

    /// If it is another database, moves everything that was delivered to where it will be redelivered from.
    func compare(_ connection: IngestSession) throws {
        guard !isCompared else { return }
        if !isLoaded {
            position = try file.load()
            isLoaded = true
        }
        guard let current = try connection.history() else {
            if !isWarned { context.log.databasePositionUnknown() }
            isWarned = true
            isCompared = true
            return
        }
        if position.map({ !current.continues($0) }) ?? true {
            let moved = try context.spool.redeliverAll()
            if position != nil || moved > 0 { context.log.databaseReplaced(position, current, messages: moved) }
            kept = Spool.Amount()
            if moved > 0 { context.spool.wake() }
        }
        if position != current { save(current) }
        isCompared = true
    }

    private func save(_ current: DatabasePosition) {
        position = current
        // If it is not written, a restart compares with the older position, and some is redelivered needlessly.
        do { try file.save(current) } catch { context.log.spoolAlarm("\(error); tried again later") }
    }

    // MARK: What is kept

    /// Keeps a message that was delivered. After an error its file is where it was.
    func keep(_ name: String, from area: Spool.Area) throws(SpoolError) {
        if limit.age == 0 {
            try context.spool.remove(name, from: area)
        } else {
            do {
                let size = try context.spool.keepDelivered(name, from: area)
                kept.files += 1
                kept.bytes += size
                added += size
            } catch  where error.isGone {
                context.log.movedByHand(name, area)
            } catch {
                // It is dispensable, and must not be delivered again.
                try context.spool.remove(name, from: area)
                context.log.spoolAlarm("\(error)")
            }
        }
        hasNews = true
        if area == .redeliver { redeliveredCount += 1 }
    }

    /// Everything in redeliver/ was delivered.
    func redeliveryEnded() {
        guard redeliveredCount > 0 else { return }
        context.log.redelivered(messages: redeliveredCount)
        redeliveredCount = 0
    }

    /// From time to time, removes what is too old or too much, and writes down the database's position. Asks after each
    /// file whether it may go on.
    func tidy(_ connection: IngestSession, while mayGoOn: () -> Bool) throws {
        guard tidying != nil || schedule.isDue else { return }
        let start = MonotonicClock.seconds
        if tidying == nil, hasNews {
            // A pooler may have put another server behind the connection.
            isCompared = false
            try compare(connection)
            hasNews = false
        }
        guard isCompared else { return }
        let pass = tidying ?? DeliveredTidying(context.spool, limit)
        if tidying == nil { (worked, added) = (0, 0) }
        tidying = pass
        do {
            guard try pass.work(while: mayGoOn) else {
                worked += MonotonicClock.seconds - start
                return
            }
            kept = pass.left
            kept.bytes += added
        } catch {
            // Files that cannot be removed do not hold up delivery.
            context.log.spoolAlarm("\(error); tried again later")
        }
        tidying = nil
        schedule.interval = interval
        schedule.ended(after: worked + MonotonicClock.seconds - start)
        // What came during the pass may be too much.
        if added > 0 { tidyIfFull() }
    }

    /// Between two runs of `tidy`, many messages may have come.
    func tidyIfFull() {
        if kept.bytes > limit.bytes, tidying == nil { schedule.expedite() }
    }

    /// Removes everything that is kept if new mail found the disk full. Asks before each file whether it may go on.
    func makeRoom(while mayGoOn: () -> Bool) {
        if context.spool.takeRoomRequest(), cleared == nil { cleared = Spool.Amount() }
        guard var cleared else { return }
        do {
            guard try context.spool.clearDelivered(&cleared, while: mayGoOn) else {
                self.cleared = cleared
                return
            }
            kept = Spool.Amount()
            if cleared.files > 0 { context.log.deliveredFilesRemoved(cleared) }
        } catch {
            context.log.spoolAlarm("\(error)")
        }
        self.cleared = nil
    }

    /// Whether there is more to remove, now.
    var isUnderWay: Bool { (tidying != nil && isCompared) || cleared != nil }
}
