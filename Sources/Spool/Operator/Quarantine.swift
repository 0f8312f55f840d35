import Core
import Glibc
import System

/// The quarantine of a spool: messages that are not delivered, each with a line that says why. Any thread or process.
struct Quarantine {
    /// The spool's directory.
    let directory: String

    private func path(_ area: Spool.Area, _ name: String) -> String { "\(directory)/\(area.rawValue)/\(name)" }

    func reasonPath(_ name: String) -> String { path(.quarantine, name + ".reason") }

    /// Moves a message to quarantine. Both files are durable when this returns, and have the same owner.
    ///
    /// On an error the message stays where it was, and the call may be repeated. A full disk is not an error: the move
    /// needs no space, and other messages wait behind this one. The reason is in the log too.
    func take(_ name: String, from area: Spool.Area, reason: String) throws(SpoolError) {
        do {
            try SpoolError.wrapping(
                replaceFile(
                    reasonPath(name), with: Array("\(Timestamp.now()) \(reason)\n".utf8), ownedAs: path(area, name)))
        } catch  where error.isFull {
            unlink(reasonPath(name))  // It may hold the reason of an earlier time.
        }
        guard rename(path(area, name), path(.quarantine, name)) == 0 else {
            throw .system("quarantine", path(area, name))
        }
        try SpoolError.wrapping(synchronizeDirectory("\(directory)/quarantine"))
    }

    /// Moves a message back to `new/`, durably.
    func release(_ name: String) throws(SpoolError) {
        guard rename(path(.quarantine, name), path(.new, name)) == 0 else {
            throw .system("release", path(.quarantine, name))
        }
        try SpoolError.wrapping(synchronizeDirectory("\(directory)/new"))
        unlink(reasonPath(name))
        try SpoolError.wrapping(synchronizeDirectory("\(directory)/quarantine"))
    }
}
