import Capture
import Core
import Spool
import Store
import System

/// Delivers the spool's waiting messages in batches, each of one company, and does with each message what the database
/// answered. For the delivery thread.
///
/// A message that the database refuses for good goes to quarantine; one that the disk cannot read, or that the database
/// holds up, waits; none of them holds up the others. The database works on one batch while the next is read and the
/// last is finished.
final class SpoolDelivery {
    /// A message of the spool, opened and claimed.
    struct OpenMessage {
        let item: WaitingMessages.Item
        let message: SpooledMessage

        var name: String { item.name.text }
    }

    /// Messages of one company, on their way.
    struct OpenBatch {
        let company: CompanyID
        let messages: [OpenMessage]

        var waiting: WaitingMessages.Batch { WaitingMessages.Batch(company: company, items: messages.map(\.item)) }
    }

    /// A message that is delivered, or erased, and whose file is still where it was.
    struct PendingMove: Hashable {
        let item: WaitingMessages.Item
        let company: CompanyID
        let isErased: Bool
    }

    let context: DeliveryContext
    let delivered: DeliveredKeeper
    private let dispositions: DispositionDelivery
    /// Called for a message that the database does not take.
    let forget: (MessageRecord) -> Void
    var waiting = WaitingMessages()
    /// In `MonotonicClock.seconds`. A directory with very many files is not listed all the time.
    private var nextListing = 0.0
    /// Whether something may have come that is not listed.
    private var wantsListing = false
    /// Delivered messages whose files could not be moved or removed yet.
    var unmoved: Set<PendingMove> = []
    /// Answers of the database to the last batch that are still to be acted on.
    var answered: [(OpenMessage, Outcome)] = []
    /// Read while the database worked on the batch before.
    private var prepared: OpenBatch?

    /// Seconds of a turn, after which the thread looks after other things.
    private static let turnLength = 1.0
    /// Seconds in which companies of new files are read before the next batch is delivered.
    private static let readingTime = 0.02
    /// Seconds that a message is postponed for at most.
    private static let delayLimit = 60.0

    init(context: DeliveryContext, delivered: DeliveredKeeper, forget: @escaping (MessageRecord) -> Void) {
        self.context = context
        self.forget = forget
        self.delivered = delivered
        dispositions = DispositionDelivery(context: context)
    }

    /// Tries postponed messages at the next turn.
    func retryPostponed() {
        waiting.retryNow()
        nextListing = 0
    }

    /// When there is something to do for a turn that nothing announces, in `MonotonicClock.seconds`.
    var nextAttempt: Double {
        if waiting.hasUnread { return 0 }
        return min(waiting.nextAttempt ?? .infinity, wantsListing ? nextListing : .infinity)
    }

    /// Delivers what waits, for a while and until `isStopping`. Throws if the database is not there or refuses for the
    /// moment; what it had answered until then is done.
    func deliverWaiting(_ turn: DeliveryTurn, isStopping: () -> Bool) throws {
        try dispositions.deliverWaiting(turn)
        // Without another alarm.
        for pending in unmoved where (try? move(pending)) != nil { unmoved.remove(pending) }
        wantsListing = true
        defer { endTurn(turn) }
        let end = MonotonicClock.seconds + Self.turnLength
        prepared = try openNext(turn)
        while !isStopping(), MonotonicClock.seconds < end {
            guard let batch = prepared else {
                guard waiting.hasUnread else { return }
                prepared = try openNext(turn)
                continue
            }
            prepared = nil
            var isReady = false
            try deliver(batch, turn) {
                finishAnswered(turn)
                prepared = try openNext(turn)
                isReady = true
            }
            if !isReady || prepared == nil { prepared = try openNext(turn) }
        }
    }

    private func endTurn(_ turn: DeliveryTurn) {
        finishAnswered(turn)
        if let batch = prepared { waiting.restore(batch.waiting) }
        prepared = nil
        if !waiting.hasRedelivered { delivered.redeliveryEnded() }
        context.metrics.postponed = waiting.postponed
    }

    // MARK: What waits

    /// The next company's messages. A message that cannot be read stays where it is; a damaged one goes to quarantine.
    private func openNext(_ turn: DeliveryTurn) throws -> OpenBatch? {
        try list()
        readCompanies()
        while let batch = waiting.next(turn.options.batchLimit, now: MonotonicClock.seconds) {
            let messages = batch.items.compactMap { open($0, of: batch.company, turn) }
            if !messages.isEmpty { return OpenBatch(company: batch.company, messages: messages) }
        }
        return nil
    }

    /// Looks for new files, in a tenth of the time at most.
    private func list() throws {
        let start = MonotonicClock.seconds
        guard start >= nextListing else { return }
        wantsListing = false
        for area in [Spool.Area.redeliver, .new] { try waiting.list(context.spool.everyName(in: area), in: area) }
        let took = MonotonicClock.seconds - start
        nextListing = took < 0.001 ? 0 : start + 10 * took
    }

    private func readCompanies() {
        let end = MonotonicClock.seconds + Self.readingTime
        while MonotonicClock.seconds < end, let item = waiting.nextUnread() {
            // What cannot be read is found to be so again when it is opened.
            let company = try? context.spool.company(of: item.name.text, in: item.area)
            waiting.add(item, of: company ?? Self.unknownCompany)
        }
    }

    /// Of files whose records cannot be read.
    private static let unknownCompany = CompanyID(rawValue: 0)

    private func open(_ item: WaitingMessages.Item, of company: CompanyID, _ turn: DeliveryTurn) -> OpenMessage? {
        do {
            // If it is claimed, an operator's command has the message, and wakes us if it leaves it to deliver.
            guard let message = try context.spool.claim(item.name.text, in: item.area) else {
                waiting.forget(item, of: company)
                return nil
            }
            guard message.record.company == company else {
                waiting.move(item, from: company, to: message.record.company)
                return nil
            }
            // What is in new/ was verified when it was written, or at the start.
            if item.area == .redeliver { try message.verify() }
            return OpenMessage(item: item, message: message)
        } catch let error as SpoolError where error.code != 0 {
            postpone(item, of: company, error, turn)
        } catch {
            if quarantine(item, of: company, reason: "damaged: \(error)", turn) {
                context.log.spoolAlarm("spool file \(item.name.text) is damaged (\(error)); moved to quarantine")
            }
        }
        return nil
    }

    // MARK: To the database

    /// `meanwhile` is called while the database works on the batch, or not at all.
    private func deliver(_ batch: OpenBatch, _ turn: DeliveryTurn, meanwhile: () throws -> Void) throws {
        turn.expectStep()
        let start = MonotonicClock.seconds
        do {
            var failure: (any Error)?
            let outcomes = try turn.connection.ingest(batch.messages.map { IngestEntry($0.message) }) {
                do { try meanwhile() } catch { failure = error }
            }
            let seconds = MonotonicClock.seconds - start
            context.metrics.deliveryBatches.observe(seconds)
            answered += zip(batch.messages, outcomes)
            waiting.succeeded(batch.waiting, seconds: seconds, now: MonotonicClock.seconds)
            if let failure { throw failure }
        } catch let error as DatabaseError where !error.isTransient {
            settle(batch) { refuse($0, .ingestRejected, reason: "\(error)", turn) }
        } catch let error as DatabaseError where error.isHoldUp && turn.connection.isUsable {
            heldUp(batch, error, seconds: MonotonicClock.seconds - start, turn)
        } catch let error as SpoolError {
            // A file that cannot be read to its end.
            settle(batch) { postpone($0.item, of: batch.company, error, turn) }
        } catch {
            putBack(prepared)
            waiting.restore(batch.waiting)
            throw error
        }
    }

    /// A batch failed for one of its messages. A single one is that one; of several, it shows in the next batches.
    private func settle(_ batch: OpenBatch, _ end: (OpenMessage) -> Void) {
        if batch.messages.count == 1 {
            end(batch.messages[0])
        } else {
            putBackPrepared(of: batch.company)
            waiting.refused(batch.waiting)
        }
    }

    private func heldUp(_ batch: OpenBatch, _ error: DatabaseError, seconds: Double, _ turn: DeliveryTurn) {
        putBackPrepared(of: batch.company)
        let first = Double(turn.options.retry.lowerBound)
        let delays = first...max(first, min(Self.delayLimit, Double(turn.options.retry.upperBound)))
        let delay = waiting.heldUp(batch.waiting, seconds: seconds, now: MonotonicClock.seconds, delays: delays)
        guard let delay else { return }
        context.log.postponed(batch.messages[0].message.record, retryIn: delay, error)
    }

    /// What was read of the company in the meantime must not be sent at once.
    private func putBackPrepared(of company: CompanyID) {
        if prepared?.company == company { putBack(prepared) }
    }

    private func putBack(_ batch: OpenBatch?) {
        guard let batch else { return }
        waiting.restore(batch.waiting)
        prepared = nil
    }
}
