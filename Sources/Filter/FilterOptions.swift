public import Core
public import Sealing

/// The sessions' part of the configuration. It is replaced whole while the daemon runs; a message keeps the options
/// that it began with.
public struct FilterOptions: Sendable {
    /// In lower case, as are `authservIDs`.
    public var markerDomains: [String]
    /// Hosts whose Authentication-Results count.
    public var authservIDs: [String]
    /// Whose mail is the companies' own.
    public var internalHosts: [IPNetwork]
    /// Bytes.
    public var messageSizeLimit: Int
    /// Sessions that may bring mail of companies on limited sync at one time.
    public var sessionLimit: Int
    /// Bytes of messages that are sealed at one time.
    public var inFlightLimit: Int
    /// This mail host's name.
    public var host: String
    /// Signs what this host stores; nil if the configuration names no key.
    public var signingKey: SigningKey?

    public init(
        markerDomains: [String], authservIDs: [String] = [], internalHosts: [IPNetwork] = IPNetwork.loopback,
        messageSizeLimit: Int, sessionLimit: Int, inFlightLimit: Int, host: String, signingKey: SigningKey? = nil
    ) {
        self.markerDomains = markerDomains
        self.authservIDs = authservIDs
        self.internalHosts = internalHosts
        self.messageSizeLimit = messageSizeLimit
        self.sessionLimit = sessionLimit
        self.inFlightLimit = inFlightLimit
        self.host = host
        self.signingKey = signingKey
    }
}
