import Capture
public import Core
import Glibc
import Inspection
import Store

/// The database as a replay uses it, by the mail host's login: routing, and the ingest that the daemon uses too.
public final class ReplayStore {
    private let conninfo: String
    private let timeout: Int
    private let isInterrupted: () -> Bool
    private var connection: IngestSession?
    private(set) var routing: Routing
    /// Of what the database had when this began, and what came since by this run.
    let learned = LearnedThreads()

    /// Seconds between the tries to reach a database that went away.
    private static let pauses: [UInt32] = [1, 2, 4, 8]

    /// `conninfo` is the mail host's login; `timeout` is that of each statement, in seconds. Once
    /// `isInterrupted`, a lost database is not waited for.
    public init(_ conninfo: String, timeout: Int, isInterrupted: @escaping () -> Bool = { false }) throws {
        self.conninfo = conninfo
        self.timeout = timeout
        self.isInterrupted = isInterrupted
        let connection = try IngestSession(conninfo, timeout: timeout)
        routing = try Routing(rows: connection.routing())
        try learned.take(connection)
        self.connection = connection
    }

    /// A company, by its id or a domain. The mail host knows no names.
    public func company(_ word: String) throws -> CompanyID {
        let found =
            Int64(word).flatMap { routing[CompanyID(rawValue: $0)] } ?? routing.company(domain: word.lowercased())
        guard let found else { throw ReplayError.unknownCompany(word) }
        guard found.capture != .forward else { throw ReplayError.forwardsOnly }
        guard found.indexKey != nil, !found.sealingKeys.isEmpty else {
            throw ReplayError.noSealingKey(found.id)
        }
        return found.id
    }

    /// Stores messages, and returns the outcome of each. What the database refuses for good is `ingest_rejected`, with
    /// its reason for `refused`.
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
                guard !isInterrupted(), let pause = pauses.popFirst() else { throw ReplayError.databaseLost(error) }
                sleep(pause)
            }
        }
    }
}
