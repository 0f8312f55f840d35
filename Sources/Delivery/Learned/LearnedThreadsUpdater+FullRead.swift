import Capture
import Core
import Inspection
import Spool
import Store

/// Reading everything from the database.
extension LearnedThreadsUpdater {
    /// Reading everything, page by page. A connection that is lost does not end it.
    final class FullRead {
        /// Of before the first page.
        let horizon: LearnedHorizon
        var snapshot: LearnedThreadsSnapshot?
        var position = IngestSession.LearnedPosition.first

        init(horizon: LearnedHorizon, _ snapshot: consuming LearnedThreadsSnapshot) {
            self.horizon = horizon
            self.snapshot = consume snapshot
        }
    }

    func readNextPage(_ connection: IngestSession) throws {
        let read = try fullRead ?? beginFullRead(connection)
        fullRead = read
        let page = try connection.learnedPage(read.position)
        if let packed = page?.packed, !packed.isEmpty {
            let isOfThreads = if case .ids = read.position { true } else { false }
            (isOfThreads ? learned.threads : learned.candidates).insert(LearnedThreads.entries(packed))
            read.snapshot?.append(LearnedThreadsFile.Block(isOfThreads ? .threads : .candidates, bytes: packed))
        }
        progress()
        if let page {
            read.position = page.next
        } else if case .ids = read.position {
            read.position = .firstCandidate
        } else {
            endFullRead(read)
        }
    }

    private func beginFullRead(_ connection: IngestSession) throws -> FullRead {
        let new = try connection.learnedHorizon()
        // What is erased is not read again.
        (copy, isForgetting) = (nil, false)
        let read = FullRead(horizon: new, LearnedThreadsSnapshot(file, of: source!, log: log))
        learned.threads.beginFullRead()
        learned.candidates.beginFullRead()
        return read
    }

    private func endFullRead(_ read: FullRead) {
        learnWaiting()
        learned.threads.endFullRead()
        learned.candidates.endFullRead()
        horizon = read.horizon
        fullSchedule.postpone()
        fullRead = nil
        read.snapshot?.append(LearnedThreadsFile.Block(.horizon, number: read.horizon.oldestOpen))
        isFileUsable = read.snapshot.take()?.commit() ?? false
        log.learnedIDsLoaded(threads: learned.threads.count, candidates: learned.candidates.count)
    }
}
