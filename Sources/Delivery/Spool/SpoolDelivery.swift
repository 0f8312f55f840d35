import Capture
import Core
import Spool
import Store
import System

/// Delivers the spool's waiting messages in batches, and does with each what the database answered. For the delivery
/// thread.
///
/// A message that the database refuses for good goes to quarantine, one that the disk cannot read waits; neither holds
/// up the others. The database works on one batch while the next is read and the last is finished.
final class SpoolDelivery {
    /// A message of the spool, and where it stands there.
    private struct Waiting {
        let name: String
        let area: Spool.Area
        let message: SpooledMessage
    }

    /// A message that is delivered, or erased, and whose file is still where it was.
    private struct PendingMove: Hashable {
        let name: String
        let area: Spool.Area
        let isErased: Bool
    }

    private let context: DeliveryContext
    private let delivered: DeliveredKeeper
    private let dispositions: DispositionDelivery
    /// Delivered messages whose files could not be moved or removed yet.
    private var unmoved: Set<PendingMove> = []
    /// Answers of the database to the last batch that are still to be acted on.
    private var answered: [(Waiting, Outcome)] = []
    /// Messages that could not be read or moved, by when they are tried again, in `MonotonicClock.seconds`: trying at
    /// every wake-up would raise an alarm each time.
    private var postponed: [String: Double] = [:]

    init(context: DeliveryContext, delivered: DeliveredKeeper) {
        self.context = context
        self.delivered = delivered
        dispositions = DispositionDelivery(context: context)
    }

    /// Tries postponed messages at the next turn.
    func retryPostponed() { postponed = [:] }

    /// Delivers everything that waits, or as much as it can before `isStopping`. Throws if the database is not there or
    /// refuses for the moment; what it had answered until then is done.
    func deliverWaiting(_ turn: DeliveryTurn, isStopping: () -> Bool) throws {
        try dispositions.deliverWaiting(turn)
        // Without another alarm.
        unmoved = unmoved.filter { (try? move($0)) == nil }
        postponed = postponed.filter { $0.value > MonotonicClock.seconds }
        // First what the database once had.
        for area in [Spool.Area.redeliver, .new] {
            let over = Set(unmoved.filter { $0.area == area }.map(\.name))
            let names = try context.spool.waiting(in: area).filter { !over.contains($0) && postponed[$0] == nil }
            guard try deliver(names, in: area, turn, isStopping: isStopping) else { return }
            if area == .redeliver, !names.isEmpty { delivered.redeliveryEnded() }
        }
    }

    /// False if it stopped before the end.
    private func deliver(
        _ names: [String], in area: Spool.Area, _ turn: DeliveryTurn, isStopping: () -> Bool
    ) throws -> Bool {
        let limit = turn.options.batchLimit
        var rest = names[...]
        func openNext() -> [Waiting] {
            defer { rest = rest.dropFirst(limit) }
            return open(rest.prefix(limit), in: area, turn)
        }
        defer { finishAnswered(turn) }
        var next = openNext()
        while !next.isEmpty || !rest.isEmpty {
            guard !isStopping() else { return false }
            let batch = next
            next = []
            var isReady = false
            try deliver(batch, turn) {
                finishAnswered(turn)
                next = openNext()
                isReady = true
            }
            if !isReady { next = openNext() }
            delivered.tidyIfFull()
        }
        return true
    }

    /// The messages of these names. One that cannot be read stays where it is; a damaged one goes to quarantine.
    private func open(_ names: ArraySlice<String>, in area: Spool.Area, _ turn: DeliveryTurn) -> [Waiting] {
        names.compactMap { name in
            do {
                // If it is claimed, an operator's command has the message, and wakes us if it leaves it to deliver.
                guard let message = try context.spool.claim(name, in: area) else { return nil }
                // What is in new/ was verified when it was written, or at the start.
                if area == .redeliver { try message.verify() }
                return Waiting(name: name, area: area, message: message)
            } catch let error as SpoolError where error.code != 0 {
                postpone(name, error, turn)
            } catch {
                if quarantine(name, from: area, reason: "damaged: \(error)", turn) {
                    context.log.spoolAlarm("spool file \(name) is damaged (\(error)); moved to quarantine")
                }
            }
            return nil
        }
    }

    /// `meanwhile` is called while the database works on the whole batch, or not at all.
    private func deliver(_ batch: [Waiting], _ turn: DeliveryTurn, meanwhile: () -> Void) throws {
        try batch.togetherOrAlone { part in
            turn.expectStep()
            let start = MonotonicClock.seconds
            let outcomes = try turn.connection.ingest(part.map { IngestEntry($0.message) }) {
                if part.count == batch.count { meanwhile() }
            }
            context.metrics.deliveryBatches.observe(MonotonicClock.seconds - start)
            answered += zip(part, outcomes)
        } isElements: { error in
            // Refused for good, or a file that cannot be read to its end.
            (error as? DatabaseError)?.isTransient == false || error is SpoolError
        } fails: { item, error in
            if error is SpoolError {
                postpone(item.name, error, turn)
            } else {
                refuse(item, .ingestRejected, reason: "\(error)", turn)
            }
        }
    }

    // MARK: What the database answered

    private func finishAnswered(_ turn: DeliveryTurn) {
        for (message, outcome) in answered { finish(message, outcome, turn) }
        answered = []
    }

    /// Moves the file first: a line in the log means that this was the message's end. A redelivered message has its
    /// line already.
    private func finish(_ item: Waiting, _ outcome: Outcome, _ turn: DeliveryTurn) {
        let record = item.message.record
        switch outcome {
        case .captured, .duplicate, .erased, .withdrawnMarker, .expiredMarker:
            // What the database does not take is nowhere to stay.
            let isTaken = outcome == .captured || outcome == .duplicate
            let pending = PendingMove(name: item.name, area: item.area, isErased: !isTaken)
            do {
                try move(pending)
            } catch {
                context.log.spoolAlarm("\(error); tried again later")
                unmoved.insert(pending)
            }
            if item.area == .new {
                context.metrics.ended(outcome, record.direction)
                context.log.delivered(outcome, record, size: item.message.size)
            } else if !isTaken {
                context.log.discarded(record, from: item.area)
            }
        default:
            refuse(item, outcome, reason: "the database answered \(outcome.rawValue)", turn)
        }
    }

    private func move(_ pending: PendingMove) throws(SpoolError) {
        if pending.isErased {
            try context.spool.remove(pending.name, from: pending.area)
        } else {
            try delivered.keep(pending.name, from: pending.area)
        }
    }

    private func refuse(_ item: Waiting, _ outcome: Outcome, reason: String, _ turn: DeliveryTurn) {
        let message = item.message
        // If it stays in the spool, it will be refused again, and ends then.
        guard quarantine(item.name, from: item.area, reason: "\(outcome.rawValue): \(reason)", turn) else { return }
        context.metrics.ended(outcome, message.record.direction)
        context.log.quarantined(outcome, message.record, size: message.size, reason: reason)
        if outcome == .ingestRejected { context.dispositions.add(Disposition(outcome, message)) }
    }

    /// False if it could not be moved.
    private func quarantine(_ name: String, from area: Spool.Area, reason: String, _ turn: DeliveryTurn) -> Bool {
        do {
            try context.spool.quarantine(name, from: area, reason: reason)
            return true
        } catch  where error.isGone {
            context.log.movedByHand(name, area)
            return false
        } catch {
            postpone(name, error, turn)
            return false
        }
    }

    private func postpone(_ name: String, _ error: any Error, _ turn: DeliveryTurn) {
        context.log.spoolAlarm("\(error); tried again later")
        postponed[name] = MonotonicClock.seconds + Double(turn.options.pollInterval)
    }
}
