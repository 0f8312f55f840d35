import Glibc
import Synchronization

/// Control-C and SIGTERM for a command that finishes what it is doing: the first sets a flag, a second one kills the
/// process.
enum Interrupt {
    private static let isCaught = Atomic(false)

    static var isSet: Bool { isCaught.load(ordering: .relaxed) }

    static func `catch`() {
        // The flag is lazily made; the signal handler must not be the first to touch it.
        _ = isSet
        for signal in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in Interrupt.isCaught.store(true, ordering: .relaxed) }
            // A second signal has its default action. poll(2), and with it a wait for the database, is not restarted.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | Int32(SA_RESTART)
            sigaction(signal, &action, nil)
        }
    }
}
