import Core
import Glibc
import System

/// The quarantine of a spool: messages that are not delivered, each with a line that says why.
struct Quarantine {
    /// The spool's.
    let directory: String

    private func path(_ area: Spool.Area, _ name: String) -> String { "\(directory)/\(area.rawValue)/\(name)" }

    func reasonPath(_ name: String) -> String { path(.quarantine, name + ".reason") }

    /// Takes a message out of delivery. Both files are durable when this returns, and of one owner.
    ///
    /// On an error the message is where it was, and may be tried again. A line that finds no room is no such error:
    /// moving the message takes none, and the others wait behind it. The log has the reason too.
    func take(_ name: String, from area: Spool.Area, reason: String) throws(SpoolError) {
        do {
            try SpoolError.wrapping(
                replaceFile(
                    reasonPath(name), with: Array("\(Timestamp.now()) \(reason)\n".utf8), ownedAs: path(area, name)))
        } catch  where error.isFull {
            unlink(reasonPath(name))  // The line of an earlier time says something else.
        }
        guard rename(path(area, name), path(.quarantine, name)) == 0 else {
            throw .system("quarantine", path(area, name))
        }
        try SpoolError.wrapping(synchronizeDirectory("\(directory)/quarantine"))
    }

    /// Gives a message back to delivery, durably.
    func release(_ name: String) throws(SpoolError) {
        guard rename(path(.quarantine, name), path(.new, name)) == 0 else {
            throw .system("release", path(.quarantine, name))
        }
        try SpoolError.wrapping(synchronizeDirectory("\(directory)/new"))
        unlink(reasonPath(name))
        try SpoolError.wrapping(synchronizeDirectory("\(directory)/quarantine"))
    }
}
