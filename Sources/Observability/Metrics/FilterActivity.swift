/// What the filter has under way at one moment, with its limits: what the metrics show besides counters.
public struct FilterActivity: Sendable {
    /// Connections of Postfix.
    public var sessions: Int
    public var sessionLimit: Int
    /// Messages of companies on limited sync between DATA and their end.
    public var messages: Int
    /// Bytes of messages that are being sealed.
    public var bytes: Int
    public var byteLimit: Int
    public var learnedIDs: Int
    public var knownCandidates: Int
    /// Companies in the routing in force.
    public var companies: Int
    /// The daemon is stopping; no new connection is accepted.
    public var isStopping: Bool

    public init(
        sessions: Int, sessionLimit: Int, messages: Int, bytes: Int, byteLimit: Int, learnedIDs: Int,
        knownCandidates: Int, companies: Int, isStopping: Bool
    ) {
        self.sessions = sessions
        self.sessionLimit = sessionLimit
        self.messages = messages
        self.bytes = bytes
        self.byteLimit = byteLimit
        self.learnedIDs = learnedIDs
        self.knownCandidates = knownCandidates
        self.companies = companies
        self.isStopping = isStopping
    }
}
