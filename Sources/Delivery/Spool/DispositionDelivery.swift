import Capture
import Core
import Store
import System

/// Records the dispositions of messages that were not captured, company by company. For the delivery thread.
final class DispositionDelivery {
    private let context: DeliveryContext
    /// Companies whose records are held up.
    private var holdUps: [CompanyID: HoldUp] = [:]

    /// Seconds between two attempts.
    private static let pauses = 1.0...60.0

    init(context: DeliveryContext) { self.context = context }

    /// What the database refuses for good is lost here; the log has it. What it holds up waits, without the records of
    /// other companies. On any other error everything waits.
    func deliverWaiting(_ turn: DeliveryTurn) throws {
        var left: [Disposition] = []
        defer { context.dispositions.restore(left) }
        while case let taken = context.dispositions.take(turn.options.batchLimit), !taken.isEmpty {
            var groups = Dictionary(grouping: taken, by: \.company)
            groups[nil] = nil  // Without a company they are nobody's.
            for (company, records) in groups {
                guard holdUps[company!]?.isOver(at: MonotonicClock.seconds) ?? true else {
                    left += records
                    continue
                }
                do {
                    try deliver(records, of: company!, turn)
                } catch {
                    // Those of companies before it are recorded again, which changes nothing.
                    left += taken
                    throw error
                }
                if holdUps[company!]?.isOver(at: MonotonicClock.seconds) == false { left += records }
            }
        }
    }

    /// Afterwards the company may be held up.
    private func deliver(_ records: [Disposition], of company: CompanyID, _ turn: DeliveryTurn) throws {
        turn.expectStep()
        do {
            _ = try turn.connection.ingest(records.compactMap { IngestEntry($0, host: turn.options.host) })
            holdUps[company] = nil
        } catch let error as DatabaseError where !error.isTransient {
            context.log.recordsRefused(error)
        } catch let error as DatabaseError where error.isHoldUp && turn.connection.isUsable {
            var holdUp = holdUps[company] ?? HoldUp(Self.pauses)
            holdUp.heldUp(at: MonotonicClock.seconds)
            holdUps[company] = holdUp
            context.log.databaseHeldUp("delivery records of company \(company)", error, retryIn: holdUp.pause)
        }
    }
}
