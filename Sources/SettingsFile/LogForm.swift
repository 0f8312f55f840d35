/// `log_format`: what a line of the log is.
public enum LogFormat: String, CaseIterable, Sendable {
    /// As people read it.
    case text
    /// An object a line.
    case json
}

/// `log_to`: where lines of the log go.
public enum LogDestination: String, CaseIterable, Sendable {
    case standardError = "stderr"
    /// Facility mail of the host's syslog service.
    case syslog
}
