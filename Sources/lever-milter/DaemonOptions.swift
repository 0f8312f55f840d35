import Delivery
import Filter
import Logging
import Observability
import Sealing
import Service
import SettingsFile
import Spool
import Store
import System

/// The part of the configuration that can change while the daemon runs, sorted by who uses it.
struct DaemonOptions: Sendable {
    let filter: FilterOptions
    let delivery: DeliveryOptions
    let log: LogOutput.Form

    /// Throws if the daemon lacks a setting, or cannot read a file that is named. Changes nothing.
    init(_ settings: Settings) throws {
        let database = try settings.require("database", \.database)
        try IngestSession.check(conninfo: database)
        if !settings.allowsInsecureDatabase {
            do throws(UnverifiedServer) {
                try UnverifiedServer.check(database)
            } catch {
                throw StartError("'database' in \(settings.path): \(error)")
            }
        }
        let host = settings.hostName ?? systemHostName()
        filter = FilterOptions(
            markerDomains: settings.markerDomains, authservIDs: settings.authservIDs,
            internalHosts: settings.internalHosts,
            messageSizeLimit: settings.messageSizeLimit, sessionLimit: settings.sessionLimit,
            inFlightLimit: settings.inFlightLimit, host: host,
            signingKey: try settings.signingKey.map(Self.readSigningKey))
        delivery = DeliveryOptions(
            host: host, database: database, databaseTimeout: settings.databaseTimeout,
            batchLimit: settings.deliveryBatch, pollInterval: settings.routingPollInterval,
            retry: settings.retryMinimum...settings.retryMaximum,
            deliveredLimit: Spool.DeliveredLimit(age: settings.doneRetention, bytes: settings.doneLimit))
        log = LogOutput.Form(
            level: Logger.Level(rawValue: settings.logLevel) ?? .info, format: settings.logFormat,
            destination: settings.logDestination)
    }

    private static func readSigningKey(_ path: String) throws -> SigningKey {
        guard let pem = try CredentialStore.system.contents(of: path) else {
            throw StartError(
                "\(path): no such file; make the signing key with leverctl host add, or remove 'signing_key'")
        }
        do {
            return try SigningKey(pem: pem)
        } catch {
            throw StartError("\(path): \(error)")
        }
    }
}
