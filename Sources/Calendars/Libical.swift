import CLibical
import Synchronization

/// libical's process-wide state: settings, error number, loaded time zones and buffers of strings.
enum Libical {
    private static let state = Mutex(())

    /// Malformed input is to leave an error property, not to abort. Once per process.
    private static let configure: Void = icalerror_set_errors_are_fatal(0)

    /// Runs the body while no other thread uses libical. Not reentrant.
    static func exclusively<Result>(_ body: () -> Result) -> Result {
        state.withLock { _ in
            configure
            defer { icalerror_clear_errno() }
            return body()
        }
    }
}
