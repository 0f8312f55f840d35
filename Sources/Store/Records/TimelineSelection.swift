public import Core

/// Which messages of a candidate's timeline are asked for. Only those are opened and audited.
public struct TimelineSelection: Hashable, Sendable {
    /// Accepted from this time on.
    public var since: Timestamp?
    /// Accepted before this time.
    public var until: Timestamp?
    public var thread: ThreadID?
    /// At most this many of them, the newest.
    public var last: Int?

    public init(since: Timestamp? = nil, until: Timestamp? = nil, thread: ThreadID? = nil, last: Int? = nil) {
        (self.since, self.until, self.thread, self.last) = (since, until, thread, last)
    }

    /// Conditions on lever.message as m, each with an AND before it.
    var conditions: Query {
        let since: Query = since.map { "AND m.accepted_at >= \($0)" } ?? ""
        let until: Query = until.map { "AND m.accepted_at < \($0)" } ?? ""
        return "\(since) \(until)"
    }
}
