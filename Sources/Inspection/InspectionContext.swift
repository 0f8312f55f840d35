public import Core
public import Sealing

/// What decisions are made by, besides the message: companies and keys, the configuration, and the learned ids.
public struct InspectionContext: Sendable {
    public var routing: Routing
    /// In lower case, as are `authservIDs`.
    public var markerDomains: [String]
    /// Hosts whose Authentication-Results count.
    public var authservIDs: [String]
    /// Whose mail is the companies' own.
    public var internalHosts: [IPNetwork]
    public var learned: LearnedThreads
    public var sealingKeys: SealingKeyCache

    public init(
        routing: Routing, markerDomains: [String], authservIDs: [String] = [],
        internalHosts: [IPNetwork] = IPNetwork.loopback, learned: LearnedThreads = LearnedThreads(),
        sealingKeys: SealingKeyCache = SealingKeyCache()
    ) {
        self.routing = routing
        self.markerDomains = markerDomains
        self.authservIDs = authservIDs
        self.internalHosts = internalHosts
        self.learned = learned
        self.sealingKeys = sealingKeys
    }
}
