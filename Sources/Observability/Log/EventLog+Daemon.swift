import Logging

extension EventLog {
    /// The daemon cannot start, or ended although nobody stopped it.
    public func failed(_ error: any Error) { log(.failed, "\(prose: "\(error)", "reason")") }

    /// `source`: where routing was loaded from, the database or the copy on disk.
    public func started(socket: String, companies: Int, routingFrom source: String) {
        log(.started, "started \("socket", socket) \("companies", companies) \("routing", source)")
    }

    public func draining(messages: Int, sessions: Int) {
        log(.stopping, "stopping \("messages_in_flight", messages) \("sessions", sessions)")
    }

    /// `interrupted` and `sessions`: messages and sessions that did not end in time. `spooled`: messages that wait for
    /// the next start.
    public func stopped(unreadAtEnvelope: Int, unreadAtHeader: Int, spooled: Int, interrupted: Int, sessions: Int) {
        log(
            .stopped,
            """
            stopped \("unread_at_envelope", unreadAtEnvelope) \("unread_at_header", unreadAtHeader) \
            \("spooled", spooled) \("interrupted", interrupted) \("sessions", sessions)
            """)
    }

    /// `unchangeable`: configuration keys with new values that take effect only at the next start.
    public func reloaded(unchangeable: [String]) {
        if unchangeable.isEmpty {
            log(.reloaded, "reloaded")
        } else {
            let keys = Logger.MetadataValue.array(unchangeable.map { .string($0) })
            log(
                .reloadedInPart,
                """
                reloaded, except for \(prose: unchangeable.joined(separator: ", "), "keys", keys): \
                restart lever-milter to change that
                """)
        }
    }

    public func reloadFailed(_ error: any Error) {
        log(.reloadFailed, "not reloaded, the previous configuration stays in force: \(prose: "\(error)", "reason")")
    }

    public func shortOfDescriptors(_ isShort: Bool, allowed: UInt) {
        if isShort {
            log(
                .descriptorsShort,
                """
                nearly all of \(prose: "\(allowed)", "allowed", .stringConvertible(allowed)) file descriptors are \
                taken; new connections wait; raise the limit (LimitNOFILE), or lower Postfix's process limits
                """)
        } else {
            log(.descriptorsFree, "file descriptors are free again; connections are accepted")
        }
    }

    public func milterFailed(_ error: any Error) {
        log(.milterFailed, "\(prose: "\(error)", "reason"); stopping")
    }

    public func refusedServer(_ reason: String) {
        log(.serverRefused, "connection refused: \(prose: reason, "reason")")
    }

    /// Until this is mended, nobody can read the log.
    public func syslogMissing() {
        log(.syslogMissing, "nothing listens at /dev/log; start a syslog service, or set 'log_to: stderr'")
    }
}
