public import Core

/// Learned ids and known candidates: read in full, page by page, or as changes. Entries are packed: the first 8 bytes
/// of an index and the number of a thread or candidate, 8 bytes, one after the other.
extension IngestSession {
    /// Entries per page, which takes some 20 milliseconds, and the largest number of changes worth reading.
    private static let pageLength: Int32 = 10_000
    private static let changeLimit: Int32 = 1_000_000

    /// The change number at which a full read must start to follow changes: read it before the pages.
    public func learnedHorizon() throws(DatabaseError) -> LearnedHorizon {
        LearnedHorizon(
            snapshot: try connection.query("SELECT lever.learned_horizon()::text").single.decode(String.self))
    }

    /// Where a page begins: behind an entry of a company.
    public enum LearnedPosition: Hashable, Sendable {
        case ids(CompanyID, after: [UInt8])
        case candidates(CompanyID, after: CandidateID)

        /// Of everything.
        public static let first = LearnedPosition.ids(CompanyID(rawValue: 0), after: [])
        public static let firstCandidate =
            LearnedPosition.candidates(CompanyID(rawValue: 0), after: CandidateID(rawValue: 0))
    }

    /// The entries from a position on, and the position behind them. Nil if there are no more of the kind.
    public func learnedPage(
        _ position: LearnedPosition
    ) throws(DatabaseError) -> (packed: [UInt8], next: LearnedPosition)? {
        switch position {
        case .ids(let company, let index):
            let (packed, lastCompany, lastIndex) = try connection.query(
                """
                SELECT packed, last_company, last_index
                FROM lever.learned_ids(\(company), \(index), \(Self.pageLength))
                """
            ).single.decode(([UInt8]?, Int64?, [UInt8]?).self)
            guard let lastCompany, let lastIndex else { return nil }
            return (packed ?? [], .ids(CompanyID(rawValue: lastCompany), after: lastIndex))
        case .candidates(let company, let candidate):
            let (packed, lastCompany, lastCandidate) = try connection.query(
                """
                SELECT packed, last_company, last_candidate
                FROM lever.known_candidates(\(company), \(candidate), \(Self.pageLength))
                """
            ).single.decode(([UInt8]?, Int64?, Int64?).self)
            guard let lastCompany, let lastCandidate else { return nil }
            return (
                packed ?? [],
                .candidates(CompanyID(rawValue: lastCompany), after: CandidateID(rawValue: lastCandidate))
            )
        }
    }

    /// Every learned id of companies on limited sync; with `only`, of that company, and possibly some of others.
    public func forEachLearnedPage(of only: CompanyID? = nil, _ take: (_ packed: [UInt8]) throws -> Void) throws {
        var position = LearnedPosition.ids(only ?? CompanyID(rawValue: 0), after: [])
        while let page = try learnedPage(position) {
            if !page.packed.isEmpty { try take(page.packed) }
            position = page.next
            if let only, case .ids(let company, _) = position, company != only { return }
        }
    }

    /// Every candidate of companies that accept unsigned markers; `only` as above.
    public func forEachCandidatePage(of only: CompanyID? = nil, _ take: (_ packed: [UInt8]) throws -> Void) throws {
        var position = LearnedPosition.candidates(only ?? CompanyID(rawValue: 0), after: CandidateID(rawValue: 0))
        while let page = try learnedPage(position) {
            if !page.packed.isEmpty { try take(page.packed) }
            position = page.next
            if let only, case .candidates(let company, _) = position, company != only { return }
        }
    }

    /// What changed since a horizon.
    public struct LearnedChanges {
        /// New entries, and all that are left of the forgotten threads.
        public var threads: [UInt8]
        public var candidates: [UInt8]
        /// Threads and candidates of which entries were erased: those that are not above are to be forgotten.
        public var forgottenThreads: [Int64]
        public var forgottenCandidates: [Int64]
    }

    /// The changes since a horizon; nil if there are so many that a full read is better.
    public func learnedChanges(since horizon: LearnedHorizon) throws(DatabaseError) -> LearnedChanges? {
        let (threads, candidates, forgottenThreads, forgottenCandidates, isWhole) = try connection.query(
            """
            SELECT threads, candidates, forgotten_threads, forgotten_candidates, is_whole
            FROM lever.learned_since(\(horizon.snapshot)::pg_snapshot, \(Self.changeLimit))
            """
        ).single.decode(([UInt8]?, [UInt8]?, [Int64]?, [Int64]?, Bool).self)
        guard isWhole else { return nil }
        return LearnedChanges(
            threads: threads ?? [], candidates: candidates ?? [], forgottenThreads: forgottenThreads ?? [],
            forgottenCandidates: forgottenCandidates ?? [])
    }
}
