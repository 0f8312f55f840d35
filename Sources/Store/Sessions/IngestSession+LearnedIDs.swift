public import Core

/// Learned ids and known candidates: read in full, page by page, or as changes. Entries are packed: the first 8 bytes
/// of an index and the number of a thread or candidate, 8 bytes, one after the other.
extension IngestSession {
    /// Entries per page, and the largest number of changes worth reading.
    private static let pageLength: Int32 = 50_000
    private static let changeLimit: Int32 = 1_000_000

    /// The change number at which a full read must start to follow changes: read it before the pages.
    public func learnedHorizon() throws(DatabaseError) -> Int64 {
        try connection.query("SELECT lever.learned_horizon()").single.decode(Int64.self)
    }

    /// Every learned id of companies on limited sync; with `only`, of that company, and possibly some of others.
    public func forEachLearnedPage(of only: CompanyID? = nil, _ take: (_ packed: [UInt8]) throws -> Void) throws {
        var (company, index): (Int64, [UInt8]) = (only?.rawValue ?? 0, [])
        while only == nil || company == only?.rawValue {
            let (packed, lastCompany, lastIndex) = try connection.query(
                """
                SELECT packed, last_company, last_index
                FROM lever.learned_ids(\(company), \(index), \(Self.pageLength))
                """
            ).single.decode(([UInt8]?, Int64?, [UInt8]?).self)
            guard let lastCompany, let lastIndex else { return }
            if let packed { try take(packed) }
            (company, index) = (lastCompany, lastIndex)
        }
    }

    /// Every candidate of companies that accept unsigned markers; `only` as above.
    public func forEachCandidatePage(of only: CompanyID? = nil, _ take: (_ packed: [UInt8]) throws -> Void) throws {
        var (company, candidate): (Int64, Int64) = (only?.rawValue ?? 0, 0)
        while only == nil || company == only?.rawValue {
            let (packed, lastCompany, lastCandidate) = try connection.query(
                """
                SELECT packed, last_company, last_candidate
                FROM lever.known_candidates(\(company), \(candidate), \(Self.pageLength))
                """
            ).single.decode(([UInt8]?, Int64?, Int64?).self)
            guard let lastCompany, let lastCandidate else { return }
            if let packed { try take(packed) }
            (company, candidate) = (lastCompany, lastCandidate)
        }
    }

    /// The changes since a horizon; nil if there are so many that a full read is better.
    public func learnedChanges(since horizon: Int64) throws(DatabaseError) -> (threads: [UInt8], candidates: [UInt8])? {
        let (threads, candidates, isWhole) = try connection.query(
            "SELECT threads, candidates, is_whole FROM lever.learned_since(\(horizon), \(Self.changeLimit))"
        ).single.decode(([UInt8]?, [UInt8]?, Bool).self)
        return isWhole ? (threads ?? [], candidates ?? []) : nil
    }
}
