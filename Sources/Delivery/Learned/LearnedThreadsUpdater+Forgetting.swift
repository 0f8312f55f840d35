import Core
import Inspection
import Spool
import Store

/// Forgetting what was erased in the database: in memory, and then on disk by a new copy that is made from memory.
extension LearnedThreadsUpdater {
    /// Whether there is more to do now: to read, or to remove what was erased from memory and the copy on disk.
    var isUnderWay: Bool { isForgetting || copy != nil || fullRead != nil }

    /// Forgets what was erased, in memory and then on disk, as long as it may go on.
    func forget(while mayGoOn: () -> Bool) {
        if isForgetting {
            guard !learned.threads.forgetNext(while: mayGoOn), !learned.candidates.forgetNext(while: mayGoOn) else {
                return
            }
            isForgetting = false
            copy = isFileUsable ? CopyUnderWay(LearnedThreadsSnapshot(file, of: source!, log: log)) : nil
        }
        while copy != nil, mayGoOn() { writeNext() }
    }

    /// The database does not take a message: what it taught here is nowhere else.
    func forget(_ record: MessageRecord) {
        for id in record.learnedIDs { learned.threads.remove(id, number: record.thread.rawValue) }
    }

    /// The thread of a learned id.
    func known(_ id: [UInt8]) -> Int64? { learned.threads[id] }

    private func writeNext() {
        guard let copy else { return }
        let table = copy.isAtCandidates ? learned.candidates : learned.threads
        let (packed, next) = table.packed(from: copy.bucket)
        copy.snapshot?.append(
            LearnedThreadsFile.Block(copy.isAtCandidates ? .candidates : .threads, bytes: packed))
        copy.bucket = next ?? 0
        guard next == nil else { return }
        guard copy.isAtCandidates else {
            copy.isAtCandidates = true
            return
        }
        for block in copy.later { copy.snapshot?.append(block) }
        copy.snapshot?.append(LearnedThreadsFile.Block(.horizon, number: horizon.oldestOpen))
        isFileUsable = copy.snapshot.take()?.commit() ?? false
        self.copy = nil
    }

    /// A new copy on disk, made from memory.
    final class CopyUnderWay {
        var snapshot: LearnedThreadsSnapshot?
        var isAtCandidates = false
        var bucket = 0
        /// What came since it was begun, and may be missing in it.
        var later: [LearnedThreadsFile.Block] = []

        init(_ snapshot: consuming LearnedThreadsSnapshot) { self.snapshot = consume snapshot }
    }
}
