/// `log_to`: where log lines go.
public enum LogDestination: String, CaseIterable, Sendable {
    case standardError = "stderr"
    /// Facility mail of the host's syslog service.
    case syslog
}
