public import Core

/// What decisions are made by, besides the message.
public struct InspectionContext: Sendable {
    public var routing: Routing
    /// In lower case, as are `authservIDs`.
    public var markerDomains: [String]
    /// Hosts whose Authentication-Results count.
    public var authservIDs: [String]
    public var learned: LearnedThreads

    public init(
        routing: Routing, markerDomains: [String], authservIDs: [String] = [],
        learned: LearnedThreads = LearnedThreads()
    ) {
        self.routing = routing
        self.markerDomains = markerDomains
        self.authservIDs = authservIDs
        self.learned = learned
    }
}
