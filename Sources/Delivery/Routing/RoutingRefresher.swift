import Core
import Spool
import Store
import System

/// Reads routing when the database says that it changed, and from time to time in case that was missed. For the
/// delivery thread.
final class RoutingRefresher {
    private let context: DeliveryContext
    private var schedule: Schedule
    /// The database says that routing changed.
    private var isAnnounced = false
    /// In `MonotonicClock.seconds`. Any login of the database may send announcements, so that reading routing takes at
    /// most a twentieth of the time.
    private var notBefore = 0.0
    /// The database's state before the routing in force was read, if the database does not know of it.
    private var unacknowledged: String?

    init(context: DeliveryContext, interval: Int) {
        self.context = context
        schedule = Schedule(every: Double(interval))
    }

    /// When routing is to be read for an announcement; infinite if there is none.
    var nextAttempt: Double { isAnnounced ? notBefore : .infinity }

    /// A notification may have been missed.
    func connectionChanged() { schedule.expedite() }

    func reload(interval: Int) {
        schedule.interval = Double(interval)
        schedule.expedite()
    }

    /// Returns whether routing is another now. Rows that make no sense leave the old routing in force, with an alarm.
    func refresh(_ turn: DeliveryTurn) throws -> Bool {
        let connection = turn.connection
        if try connection.routingChanged() { isAnnounced = true }
        let start = MonotonicClock.seconds
        guard schedule.isDue || (isAnnounced && start >= notBefore) else { return false }
        try connection.requireSchema()
        let snapshot = try connection.routingSnapshot()
        let rows = try connection.routing()
        schedule.postpone()
        isAnnounced = false
        notBefore = MonotonicClock.seconds + 20 * (MonotonicClock.seconds - start)
        do {
            let isNew = try replace(rows)
            if isNew {
                context.metrics.routingChanges.add()
                context.log.routingLoaded(companies: context.routing.current.count)
            }
            // In force, and on disk for the next start.
            unacknowledged = snapshot
            return isNew
        } catch let error as SpoolError {
            context.log.routingNotSaved(error)
        } catch {
            context.log.routingFailed(error)
        }
        return false
    }

    /// Tells the database what is in force.
    func acknowledge(_ turn: DeliveryTurn) throws {
        guard let snapshot = unacknowledged else { return }
        try turn.connection.acknowledgeRouting(snapshot: snapshot, host: turn.options.host)
        unacknowledged = nil
    }

    private func replace(_ rows: [Routing.Row]) throws -> Bool {
        do {
            let isNew = try context.routing.replace(with: rows)
            context.metrics.routingConfirmed()
            return isNew
        } catch let error as SpoolError {
            // In force all the same.
            context.metrics.routingConfirmed()
            throw error
        }
    }
}
