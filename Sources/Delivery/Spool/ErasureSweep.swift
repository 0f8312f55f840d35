import Core
import Spool
import Store
import System

/// Removes messages from quarantine/ and delivered/ that have been erased in the database since. For the delivery
/// thread.
final class ErasureSweep {
    private let context: DeliveryContext
    private var schedule: Schedule

    /// Messages that the database is asked about in one call.
    private static let groupSize = 1000

    init(context: DeliveryContext, interval: Int) {
        self.context = context
        schedule = Schedule(every: Double(interval))
    }

    /// Seconds.
    var interval: Int {
        get { Int(schedule.interval) }
        set { schedule.interval = Double(newValue) }
    }

    /// Sweeps if it is time.
    func sweep(_ turn: DeliveryTurn) throws {
        guard schedule.isDue else { return }
        let start = MonotonicClock.seconds
        let quarantined = try context.spool.quarantined()
        for first in stride(from: 0, to: quarantined.count, by: Self.groupSize) {
            let group = quarantined[first..<min(first + Self.groupSize, quarantined.count)]
            try discardErased(group, in: .quarantine, turn)
        }
        try context.spool.forEachDelivered(groupsOf: Self.groupSize) {
            try discardErased($0[...], in: .delivered, turn)
        }
        schedule.ended(startedAt: start)
    }

    private func discardErased(
        _ group: ArraySlice<(name: String, record: MessageRecord)>, in area: Spool.Area, _ turn: DeliveryTurn
    ) throws {
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
    }
}
