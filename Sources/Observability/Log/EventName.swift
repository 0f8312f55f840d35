public import Logging

/// The names of the log's events. Operators and their tools search for them, so they never change.
/// docs/reference/log.md says what each means and what to do about it; a test compares.
public enum EventName: String, CaseIterable, Sendable {
    // Messages.
    case spooled
    case delivered
    case postponed
    case quarantined
    case erased
    case passed
    case tempfailed
    case notForwarded = "not_forwarded"
    case notStamped = "not_stamped"

    // The daemon.
    case failed
    case started
    case stopping
    case stopped
    case reloaded
    case reloadedInPart = "reloaded_in_part"
    case reloadFailed = "reload_failed"
    case milterFailed = "milter_failed"
    case serverRefused = "server_refused"
    case descriptorsShort = "descriptors_short"
    case descriptorsFree = "descriptors_free"
    case syslogMissing = "syslog_missing"

    // Routing.
    case routingLoaded = "routing_loaded"
    case routingFailed = "routing_failed"
    case routingNotSaved = "routing_not_saved"

    // Learned ids.
    case learnedIDsLoaded = "learned_ids_loaded"
    case learnedIDsFailed = "learned_ids_failed"
    case learnedIDsNotSaved = "learned_ids_not_saved"

    // The database.
    case databaseConnected = "database_connected"
    case databaseLost = "database_lost"
    case databaseHeldUp = "database_held_up"
    case databaseReplaced = "database_replaced"
    case redelivered = "redelivered"
    case databasePositionUnknown = "database_position_unknown"
    case recordsRefused = "records_refused"

    // The spool.
    case spoolAlarm = "spool_alarm"
    case deliveredFilesRemoved = "delivered_files_removed"
    case fileMoved = "file_moved"

    public var level: Logger.Level {
        switch self {
        case .spooled, .routingLoaded, .learnedIDsLoaded: .info
        case .delivered, .erased, .passed, .started, .stopping, .stopped, .reloaded, .descriptorsFree,
            .databaseConnected, .redelivered:
            .notice
        case .reloadedInPart, .syslogMissing, .databaseLost, .databaseHeldUp, .databaseReplaced, .databasePositionUnknown,
            .deliveredFilesRemoved, .fileMoved,
            .notStamped, .postponed:
            .warning
        case .quarantined, .tempfailed, .notForwarded, .failed, .reloadFailed, .milterFailed, .serverRefused,
            .descriptorsShort, .routingFailed, .routingNotSaved, .learnedIDsFailed, .learnedIDsNotSaved,
            .recordsRefused,
            .spoolAlarm:
            .error
        }
    }
}
