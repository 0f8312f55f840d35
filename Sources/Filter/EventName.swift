import Logging

/// What the log calls each thing that happens. Operators and their tools search for these names; they never change.
/// docs/operations.md says of each what it means and what to do.
enum EventName: String, CaseIterable {
    // Messages.
    case spooled
    case delivered
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
    case routingNotKept = "routing_not_kept"

    // Memory.
    case memoryRead = "memory_read"
    case memoryFailed = "memory_failed"
    case memoryNotKept = "memory_not_kept"

    // The database.
    case databaseConnected = "database_connected"
    case databaseLost = "database_lost"
    case databaseReplaced = "database_replaced"
    case broughtAgain = "brought_again"
    case historyUnknown = "history_unknown"
    case recordsRefused = "records_refused"

    // The spool.
    case spoolAlarm = "spool_alarm"
    case roomMade = "room_made"
    case fileMoved = "file_moved"

    var level: Logger.Level {
        switch self {
        case .spooled, .routingLoaded, .memoryRead: .info
        case .delivered, .erased, .passed, .started, .stopping, .stopped, .reloaded, .descriptorsFree,
            .databaseConnected, .broughtAgain:
            .notice
        case .reloadedInPart, .syslogMissing, .databaseLost, .databaseReplaced, .historyUnknown, .roomMade, .fileMoved,
            .notStamped:
            .warning
        case .quarantined, .tempfailed, .notForwarded, .failed, .reloadFailed, .milterFailed, .serverRefused,
            .descriptorsShort, .routingFailed, .routingNotKept, .memoryFailed, .memoryNotKept, .recordsRefused,
            .spoolAlarm:
            .error
        }
    }
}
