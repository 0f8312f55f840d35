public import Capture
public import Observability
public import Spool
public import System

/// What the delivery thread works with: what it shares with the sessions, and its options. Everything in it is
/// immutable or guards itself.
public struct DeliveryContext: Sendable {
    public let options: Snapshot<DeliveryOptions>
    public let routing: RoutingTable
    public let spool: Spool
    public let dispositions: DispositionQueue
    public let log: EventLog
    public let metrics: FilterMetrics

    public init(
        options: Snapshot<DeliveryOptions>, routing: RoutingTable, spool: Spool, dispositions: DispositionQueue,
        log: EventLog, metrics: FilterMetrics
    ) {
        self.options = options
        self.routing = routing
        self.spool = spool
        self.dispositions = dispositions
        self.log = log
        self.metrics = metrics
    }
}
