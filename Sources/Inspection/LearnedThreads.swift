public import Core

/// Ids of messages that were captured before, by which a reply without a marker is recognised, with no question to the
/// database. Sessions read it on any thread; the delivery thread keeps it up to date.
public struct LearnedThreads: Sendable {
    /// Threads by the learned index of a message's id.
    public let threads = BlindIndexTable()
    /// Candidates by the index of their address, for companies that accept unsigned markers.
    public let candidates = BlindIndexTable()

    public init() {}
}
