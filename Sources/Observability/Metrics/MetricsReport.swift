import Core
import LibMicrohttpd
import DaemonMetrics
import Spool
import Synchronization
import System

/// Everything that is exported to Prometheus, under the names that docs/reference/metrics.md lists.
public struct MetricsReport: Sendable {
    private let version: String
    private let metrics: FilterMetrics
    private let log: EventLog
    private let usage: MeasuredUsage
    private let activity: @Sendable () -> FilterActivity

    public init(
        version: String, metrics: FilterMetrics, log: EventLog, spoolDirectory: String,
        activity: @escaping @Sendable () -> FilterActivity
    ) {
        self.version = version
        self.metrics = metrics
        self.log = log
        usage = MeasuredUsage(directory: spoolDirectory)
        self.activity = activity
    }

    func families(_ health: Health) -> [MetricFamily] {
        let activity = activity()
        return messages() + now(activity, health) + durations() + spool() + database(activity)
            + ProcessMetrics.families()
    }

    private func messages() -> [MetricFamily] {
        [
            .counter(
                "lever_milter_messages_total",
                "Inspected messages that are finished, by reason code and, if known, by direction.",
                FilterMetrics.MessageEnd.allCases.map { end in
                    (
                        [("outcome", end.outcome.rawValue), ("direction", end.direction?.rawValue ?? "unknown")],
                        Double(metrics.ends[end])
                    )
                }),
            .counter(
                "lever_milter_unread_messages_total",
                "Messages let through unread: after the envelope, or after a header without a marker.",
                [
                    ([("after", "envelope")], Double(metrics.unread[.atEnvelope])),
                    ([("after", "header")], Double(metrics.unread[.atHeader])),
                ]),
            .counter(
                "lever_milter_spooled_messages_total", "Marked messages that were sealed and made durable.",
                metrics.spooledMessages.value),
            .counter(
                "lever_milter_spooled_bytes_total", "Bytes of these messages before they were sealed.",
                metrics.spooledBytes.value),
            .counter(
                "lever_milter_tempfails_total", "Messages whose senders were asked to try again, by cause.",
                TempfailCause.allCases.map { ([("cause", $0.rawValue)], Double(metrics.tempfails[$0])) }),
            .counter(
                "lever_milter_events_total", "Events by their name in the log, whether log_level shows them or not.",
                EventName.allCases.map {
                    ([("event", $0.rawValue), ("level", $0.level.rawValue)], Double(log.events[$0]))
                }),
        ]
    }

    private func now(_ activity: FilterActivity, _ health: Health) -> [MetricFamily] {
        [
            .gauge(
                "lever_milter_build_info", "Always 1; the label has the version.", [([("version", version)], 1)]),
            .gauge("lever_milter_sessions", "Connections of Postfix.", Double(activity.sessions)),
            .gauge("lever_milter_session_limit", "The configured session_limit.", Double(activity.sessionLimit)),
            .gauge(
                "lever_milter_messages_in_flight", "Messages of companies on limited sync between DATA and their end.",
                Double(activity.messages)),
            .gauge(
                "lever_milter_in_flight_bytes", "Bytes of marked messages that are being sealed.",
                Double(activity.bytes)),
            .gauge(
                "lever_milter_in_flight_limit_bytes", "The configured in_flight_limit.", Double(activity.byteLimit)),
            .gauge(
                "lever_milter_learned_ids", "Learned ids, by which replies without a marker are recognised.",
                Double(activity.learnedIDs)),
            .gauge(
                "lever_milter_known_candidates",
                "Addresses of candidates in memory, for companies that accept unsigned markers.",
                Double(activity.knownCandidates)),
            // Last, since asking the filter opens a session.
            .gauge(
                "lever_milter_healthy",
                "1 while libmilter answers and the delivery thread makes progress, as /healthy says.",
                health.unhealthy == nil ? 1 : 0),
            .gauge(
                "lever_milter_ready", "1 while marked mail would be accepted, as /ready says.",
                health.unready == nil ? 1 : 0),
        ]
    }

    private func durations() -> [MetricFamily] {
        [
            .histogram(
                "lever_milter_callback_duration_seconds", "Time that the filter took for a step of a message.",
                FilterMetrics.Callback.allCases.map { ([("callback", "\($0)")], metrics.callbacks[$0.rawValue]) }),
            .histogram(
                "lever_milter_seal_duration_seconds", "Time that sealing took, over all steps of a message.",
                metrics.sealing),
            .histogram(
                "lever_milter_fsync_duration_seconds", "Time of an fsync that a sender waited for; two for a message.",
                metrics.fsync),
            .histogram(
                "lever_milter_delivery_batch_duration_seconds", "Time until the database had stored a batch.",
                metrics.deliveryBatches),
        ]
    }

    private func spool() -> [MetricFamily] {
        let usage = usage.current
        func values(_ value: KeyPath<SpoolUsage.Part, Int>) -> [(MetricFamily.Labels, Double)] {
            [Spool.Area.new, .redeliver, .delivered, .quarantine].map { area in
                ([("area", area.rawValue)], Double(usage.parts[area]?[keyPath: value] ?? 0))
            }
        }
        return [
            .gauge("lever_milter_spool_files", "Messages in the spool, by its directory.", values(\.files)),
            .gauge("lever_milter_spool_bytes", "Bytes that they take on disk.", values(\.bytes)),
            .gauge(
                "lever_milter_spool_oldest_age_seconds",
                "Age of the oldest: since it was accepted, in delivered/ since it was delivered; 0 if there is none.",
                values(\.oldestAge)),
            .gauge(
                "lever_milter_spool_free_bytes", "Bytes free on the spool's file system.",
                Double(usage.freeBytes)),
            .gauge(
                "lever_milter_spool_size_bytes", "Size of the spool's file system.",
                Double(usage.totalBytes)),
        ]
    }

    private func database(_ activity: FilterActivity) -> [MetricFamily] {
        [
            .gauge(
                "lever_milter_database_up", "1 while the database is connected and takes messages.",
                metrics.isDatabaseUp ? 1 : 0),
            .counter(
                "lever_milter_database_losses_total",
                "Attempts that failed because the database was down or refused for the moment.",
                metrics.databaseLosses.value),
            .gauge(
                "lever_milter_postponed_messages",
                "Messages that the database or the disk held up and that are tried again later.",
                Double(metrics.postponed.messages)),
            .gauge(
                "lever_milter_postponed_companies", "Companies whose messages the database held up.",
                Double(metrics.postponed.companies)),
            .gauge(
                "lever_milter_routing_age_seconds",
                "Seconds since the database confirmed the routing in force, or since the start if it has not yet.",
                metrics.routingAge),
            .gauge(
                "lever_milter_routing_companies", "Companies in the routing in force.",
                Double(activity.companies)),
            .counter(
                "lever_milter_routing_changes_total", "How often new routing came into force.",
                metrics.routingChanges.value),
        ]
    }
}
