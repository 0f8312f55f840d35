import Capture
import Core
import Spool
import System

/// What becomes of messages once the database has answered, or does not take them.
extension SpoolDelivery {
    func finishAnswered(_ turn: DeliveryTurn) {
        for (message, outcome) in answered { finish(message, outcome, turn) }
        if !answered.isEmpty { delivered.tidyIfFull() }
        answered = []
    }

    /// Moves the file first: a line in the log means that this was the message's end. A redelivered message has its
    /// line already.
    private func finish(_ open: OpenMessage, _ outcome: Outcome, _ turn: DeliveryTurn) {
        let (record, area) = (open.message.record, open.item.area)
        switch outcome {
        case .captured, .duplicate, .erased, .withdrawnMarker, .expiredMarker:
            // What the database does not take is nowhere to stay.
            let isTaken = outcome == .captured || outcome == .duplicate
            if !isTaken { forget(record) }
            let pending = PendingMove(item: open.item, company: record.company, isErased: !isTaken)
            do {
                try move(pending)
            } catch {
                context.log.spoolAlarm("\(error); tried again later")
                unmoved.insert(pending)
            }
            if area == .new {
                context.metrics.ended(outcome, record.direction)
                context.log.delivered(outcome, record, size: open.message.size)
            } else if !isTaken {
                context.log.discarded(record, from: area)
            }
        default:
            refuse(open, outcome, reason: "the database answered \(outcome.rawValue)", turn)
        }
    }

    func move(_ pending: PendingMove) throws(SpoolError) {
        if pending.isErased {
            try context.spool.remove(pending.item.name.text, from: pending.item.area)
        } else {
            try delivered.keep(pending.item.name.text, from: pending.item.area)
        }
        waiting.forget(pending.item, of: pending.company)
    }

    func refuse(_ open: OpenMessage, _ outcome: Outcome, reason: String, _ turn: DeliveryTurn) {
        let message = open.message
        // If it stays in the spool, it will be refused again, and ends then.
        let isMoved = quarantine(
            open.item, of: message.record.company, reason: "\(outcome.rawValue): \(reason)", turn)
        guard isMoved else { return }
        context.metrics.ended(outcome, message.record.direction)
        context.log.quarantined(outcome, message.record, size: message.size, reason: reason)
        if outcome == .ingestRejected { context.dispositions.add(Disposition(outcome, message)) }
    }

    /// False if it could not be moved.
    func quarantine(
        _ item: WaitingMessages.Item, of company: CompanyID, reason: String, _ turn: DeliveryTurn
    ) -> Bool {
        do {
            try context.spool.quarantine(item.name.text, from: item.area, reason: reason)
            waiting.forget(item, of: company)
            return true
        } catch  where error.isGone {
            context.log.movedByHand(item.name.text, item.area)
            waiting.forget(item, of: company)
        } catch {
            postpone(item, of: company, error, turn)
        }
        return false
    }

    func postpone(
        _ item: WaitingMessages.Item, of company: CompanyID, _ error: any Error, _ turn: DeliveryTurn
    ) {
        context.log.spoolAlarm("\(error); tried again later")
        let due = MonotonicClock.seconds + Double(turn.options.pollInterval)
        waiting.postpone(item, of: company, until: due)
    }
}
