import Observability
import Spool

/// A new copy on disk, written while everything is read from the database. An error of the disk is logged and ends the
/// copy, not the reading.
struct LearnedThreadsSnapshot: ~Copyable {
    private var writer: LearnedThreadsFile.Rewriting?
    private let log: EventLog

    init(_ file: LearnedThreadsFile, of source: LearnedThreadsOrigin, log: EventLog) {
        self.log = log
        do {
            writer = try file.rewrite()
        } catch {
            log.learnedIDsNotSaved(error)
            writer = nil
        }
        append(LearnedThreadsFile.Block(.source, bytes: Array(source.text.utf8)))
    }

    mutating func append(_ block: LearnedThreadsFile.Block) {
        do {
            try writer?.append(block)
        } catch {
            log.learnedIDsNotSaved(error)
            writer = nil
        }
    }

    /// Puts the copy in place. False if there is none.
    consuming func commit() -> Bool {
        guard let writer = writer.take() else { return false }
        do {
            try writer.commit()
            return true
        } catch {
            log.learnedIDsNotSaved(error)
            return false
        }
    }
}
