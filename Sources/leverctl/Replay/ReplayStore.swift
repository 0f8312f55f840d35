import SettingsFile
import Core
import Glibc
import Inspection
import Store

/// The database as a replay uses it, by the mail host's login: routing, and the ingest that the daemon uses too.
final class ReplayStore {
    private let conninfo: String
    private let timeout: Int
    private var connection: IngestSession?
    private(set) var routing: Routing
    /// Of what the database had when this began, and what came since by this run.
    let learned = LearnedThreads()

    /// Seconds between the tries to reach a database that went away.
    private static let pauses: [UInt32] = [1, 2, 4, 8]

    init(_ settings: Settings) throws {
        conninfo = try settings.require("database", \.database)
        timeout = settings.databaseTimeout
        let connection = try IngestSession(conninfo, timeout: timeout)
        routing = try Routing(rows: connection.routing())
        try learned.take(connection)
        self.connection = connection
    }

    /// A company, by its id or a domain. The mail host knows no names.
    func company(_ word: String) throws -> CompanyID {
        let found =
            Int64(word).flatMap { routing[CompanyID(rawValue: $0)] } ?? routing.company(domain: word.lowercased())
        guard let found else {
            throw CommandError(
                "no company has the id or the domain '\(word.printable())'; a mail host knows no names: "
                    + "'leverctl company list' where you administer them shows both")
        }
        guard found.capture != .forward else { throw CommandError(Replay.forwardsOnly) }
        guard found.indexKey != nil, !found.sealingKeys.isEmpty else {
            throw CommandError("company \(found.id) has no sealing key; run 'leverctl key generate'")
        }
        return found.id
    }

    /// Stores messages, and returns the outcome of each. What the database refuses for good is `ingest_rejected`, with its
    /// reason for `refused`.
    func ingest(_ entries: [IngestEntry], refused: (Int, String) -> Void) throws -> [Outcome] {
        do {
            return try patiently { try $0.ingest(entries) }
        } catch let error as DatabaseError where !error.isTransient {
            // One of them; alone, each shows whether it is the one.
            return try entries.enumerated().map { index, entry in
                do {
                    return try patiently { try $0.ingest([entry]) }[0]
                } catch let error as DatabaseError where !error.isTransient {
                    refused(index, "\(error)")
                    return .ingestRejected
                }
            }
        }
    }

    /// Takes routing anew if it changed: what is sealed from now on is sealed to the keys of now.
    func refreshRouting() throws {
        try patiently { connection in
            if try connection.routingChanged() { routing = try Routing(rows: connection.routing()) }
        }
    }

    /// What came to the database before its answer was lost may come again, which changes nothing.
    private func patiently<Result>(_ body: (IngestSession) throws -> Result) throws -> Result {
        var pauses = Self.pauses[...]
        while true {
            do {
                if connection == nil {
                    connection = try IngestSession(conninfo, timeout: timeout)
                    routing = try Routing(rows: connection!.routing())
                }
                return try body(connection!)
            } catch let error as DatabaseError where error.isTransient {
                connection = nil
                guard !Interrupt.isSet, let pause = pauses.popFirst() else {
                    throw CommandError(
                        "\(error); what was stored stays: run this again when the database is back, nothing is stored twice"
                    )
                }
                sleep(pause)
            }
        }
    }
}
