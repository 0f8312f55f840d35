public import Core
public import Sealing

/// What decisions are made by, besides the message: companies and keys, the configuration, and the learned ids.
public struct InspectionContext: Sendable {
    public var routing: Routing
    /// In lower case, as are `authservIDs`.
    public var markerDomains: [String]
    /// Hosts whose Authentication-Results count.
    public var authservIDs: [String]
    public var learned: LearnedThreads
    public var sealingKeys: SealingKeyCache

    public init(
        routing: Routing, markerDomains: [String], authservIDs: [String] = [],
        learned: LearnedThreads = LearnedThreads(), sealingKeys: SealingKeyCache = SealingKeyCache()
    ) {
        self.routing = routing
        self.markerDomains = markerDomains
        self.authservIDs = authservIDs
        self.learned = learned
        self.sealingKeys = sealingKeys
    }
}
