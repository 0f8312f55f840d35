/// What a host has read of learned ids and known candidates: the database's state at that time, in which transactions
/// that were still open do not show.
public struct LearnedHorizon: Hashable, Sendable {
    /// A pg_snapshot: the oldest transaction that was open, the next one to come, and those open between.
    let snapshot: String

    init(snapshot: String) {
        self.snapshot = snapshot
    }

    /// As if every transaction from this number on had still been to come: what is kept over a restart, which may read
    /// something again.
    public init(oldestOpen: Int64) {
        let number = max(1, oldestOpen)
        snapshot = "\(number):\(number):"
    }

    /// The oldest transaction that was open.
    public var oldestOpen: Int64 { Int64(snapshot.prefix { $0 != ":" }) ?? 1 }
}
