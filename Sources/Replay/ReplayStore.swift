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
    /// What the database had at the beginning, and what this run has captured since.
    let learned = LearnedThreads()

    /// Seconds between attempts to reach a database that went away.
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

    /// Finds a company by its id or a domain; the only company if no word is given. A mail host does not know companies'
    /// names.
    public func company(_ word: String?) throws -> CompanyID {
        let found: Routing.Company
        if let word {
            let named =
                Int64(word).flatMap { routing[CompanyID(rawValue: $0)] } ?? routing.company(domain: word.lowercased())
            guard let named else { throw ReplayError.unknownCompany(word) }
            found = named
        } else {
            guard routing.count == 1 else { throw ReplayError.companyNotNamed(count: routing.count) }
            found = routing.companies[0]
        }
        guard found.capture != .forward else { throw ReplayError.forwardsOnly }
        guard found.indexKey != nil, !found.sealingKeys.isEmpty else {
            throw ReplayError.noSealingKey(found.id)
        }
        return found.id
    }

    /// Stores messages, and returns the outcome of each. A message that the database refuses for good is
    /// `ingest_rejected`; `refused` gets its index and the reason.
    func ingest(_ entries: [IngestEntry], refused: (Int, String) -> Void) throws -> [Outcome] {
        var outcomes: [Outcome] = []
        try Array(entries.enumerated()).togetherOrAlone { part in
            outcomes += try patiently { try $0.ingest(part.map(\.element)) }
        } isElements: { error in
            (error as? DatabaseError)?.isTransient == false
        } fails: { entry, error in
            refused(entry.offset, "\(error)")
            outcomes.append(.ingestRejected)
        }
        return outcomes
    }

    /// Reloads routing if it changed, so that later messages are sealed to the keys in use then.
    func refreshRouting() throws {
        try patiently { connection in
            if try connection.routingChanged() { routing = try Routing(rows: connection.routing()) }
        }
    }

    /// Tries again while the database is away. What reached it before its answer was lost is sent again, which changes
    /// nothing.
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
