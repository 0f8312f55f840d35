import SettingsFile
import Core
import Logging
import Sealing
import Spool
import Store
import System

/// What of the configuration can change while the daemon runs. Replaced whole; a message keeps those that it began with.
struct Options: Sendable {
    var markerDomains: [String]
    /// Hosts whose Authentication-Results count, in lower case.
    var authservIDs: [String] = []
    /// Bytes.
    var messageSizeLimit: Int
    /// Sessions of which each may bring mail of companies on limited sync.
    var sessionLimit: Int
    /// Bytes of messages that are being sealed at one time.
    var inFlightLimit: Int
    /// This mail host's name.
    var host: String
    /// Signs what this host stores; nil where the configuration names none.
    var signingKey: SigningKey?
    /// A libpq connection string.
    var database: String
    /// Seconds that the database may take for an answer.
    var databaseTimeout = 90
    /// How much that was delivered is kept.
    var done = Spool.DoneLimit(age: 3600, bytes: 1 << 30)
    /// Messages.
    var batchLimit: Int
    /// Seconds.
    var pollInterval: Int
    /// Seconds.
    var retry: ClosedRange<Int>
    var logLevel: Logger.Level
    var logFormat = LogFormat.text
    var logDestination = LogDestination.standardError
}

extension Options {
    /// Throws where the daemon lacks something, or cannot read a file that is named. Touches nothing.
    init(_ settings: Settings) throws {
        database = try settings.require("database", \.database)
        try IngestSession.check(conninfo: database)
        markerDomains = settings.markerDomains
        authservIDs = settings.authservIDs
        messageSizeLimit = settings.messageSizeLimit
        sessionLimit = settings.sessionLimit
        inFlightLimit = settings.inFlightLimit
        host = settings.hostName ?? systemHostName()
        signingKey = try settings.signingKey.map(readSigningKey)
        databaseTimeout = settings.databaseTimeout
        done = Spool.DoneLimit(age: settings.doneRetention, bytes: settings.doneLimit)
        batchLimit = settings.deliveryBatch
        pollInterval = settings.routingPollInterval
        retry = settings.retryMinimum...settings.retryMaximum
        logLevel = Logger.Level(rawValue: settings.logLevel) ?? .info
        logFormat = settings.logFormat
        logDestination = settings.logDestination
    }
}

private func readSigningKey(_ path: String) throws -> SigningKey {
    guard let pem = try contents(ofFile: path) else {
        throw Daemon.StartError(
            description: "\(path): no such file; make the signing key with leverctl host add, or remove 'signing_key'")
    }
    do {
        return try SigningKey(pem: pem)
    } catch {
        throw Daemon.StartError(description: "\(path): \(error)")
    }
}
