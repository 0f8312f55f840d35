public import Core

/// Ids of messages that were captured before, by which a reply without a marker is recognised, with no question to the
/// database. Sessions read it on any thread; the delivery thread keeps it up to date.
public struct LearnedThreads: Sendable {
    /// Threads by the learned index of a message's id, which is bound to one outside party of the message; `contested`
    /// where two threads claim it.
    public let threads = BlindIndexTable()
    /// Candidates by the index of their address, for companies that accept unsigned markers.
    public let candidates = BlindIndexTable()

    /// In place of a thread: the id recognises nothing.
    public static let contested: Int64 = 0

    public init() {}
}
