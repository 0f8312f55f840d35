import Glibc
import Synchronization

/// Ctrl-C and SIGTERM, for a command that ends in good order: the first one is noted, a second one ends the process.
enum Interrupt {
    private static let isNoted = Atomic(false)

    static var isSet: Bool { isNoted.load(ordering: .relaxed) }

    static func `catch`() {
        // Made before a signal can come: the handler must not be the first to touch it.
        _ = isSet
        for signal in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in Interrupt.isNoted.store(true, ordering: .relaxed) }
            // Calls are not restarted but for those on files: a wait for the database ends, too.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | Int32(SA_RESTART)
            sigaction(signal, &action, nil)
        }
    }
}
