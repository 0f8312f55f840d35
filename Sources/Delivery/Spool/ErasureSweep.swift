import Core
import Spool
import Store
import System

/// Removes messages from quarantine/ and delivered/ that have been erased in the database since. What waits in new/ and
/// redeliver/ is answered `erased` when it is delivered. For the delivery thread.
///
/// There may be hundreds of thousands of files, so it works in slices and remembers where it was.
final class ErasureSweep {
    private let context: DeliveryContext
    private var schedule: Schedule
    /// Nil between two sweeps.
    private var walk: SpoolWalk?
    /// Messages that the database is still to be asked about.
    private var group: [(name: String, record: MessageRecord)] = []
    /// Seconds of work that went into this sweep.
    private var worked = 0.0

    /// Messages that the database is asked about in one call, which takes some two milliseconds.
    private static let groupSize = 200

    init(context: DeliveryContext, interval: Int) {
        self.context = context
        schedule = Schedule(every: Double(interval))
    }

    /// Seconds.
    var interval: Int {
        get { Int(schedule.interval) }
        set { schedule.interval = Double(newValue) }
    }

    var isUnderWay: Bool { walk != nil }

    /// Sweeps on if it is time, and asks after each file whether it may go on.
    func work(_ turn: DeliveryTurn, while mayGoOn: () -> Bool) throws {
        guard isUnderWay || schedule.isDue else { return }
        let start = MonotonicClock.seconds
        defer { worked += MonotonicClock.seconds - start }
        if walk == nil { walk = try SpoolWalk(context.spool, .quarantine) }
        while let walk {
            if let next = walk.next() {
                group.append(next)
                if group.count == Self.groupSize { try discardErased(in: walk.area, turn) }
                guard mayGoOn() else { return }
            } else {
                try discardErased(in: walk.area, turn)
                self.walk = walk.area == .quarantine ? try SpoolWalk(context.spool, .delivered) : nil
            }
        }
        schedule.ended(after: worked + MonotonicClock.seconds - start)
        worked = start - MonotonicClock.seconds  // What `defer` adds.
    }

    private func discardErased(in area: Spool.Area, _ turn: DeliveryTurn) throws {
        guard !group.isEmpty else { return }
        turn.expectStep()
        let erased = try turn.connection.erased(
            group.map { item in
                IngestSession.HeldMessage(
                    company: item.record.company, entry: item.record.entry, thread: item.record.thread,
                    acceptedAt: item.record.acceptedAt)
            })
        for (item, isErased) in zip(group, erased) where isErased {
            if area == .quarantine {
                try context.spool.discard(item.name)
            } else {
                try context.spool.remove(item.name, from: area)
            }
            context.log.discarded(item.record, from: area)
        }
        group = []
    }
}
