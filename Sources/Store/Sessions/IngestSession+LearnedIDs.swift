public import Core

/// What a mail host remembers, read page by page, or what changed since. Entries are packed: the first 8 bytes of an index and
/// the number of a thread or candidate, 8 bytes, one behind the other.
extension IngestSession {
    /// Entries in a page, and in what is new at most.
    private static let pageLength: Int32 = 50_000
    private static let newLimit: Int32 = 1_000_000

    /// Changes from this number on may not have been seen by what is read after it.
    public func learnedHorizon() throws(DatabaseError) -> Int64 {
        try connection.query("SELECT lever.memory_horizon()")[0].bigint(0)
    }

    /// Every learned id of companies on limited sync; with `only`, of that one, and perhaps some of others.
    public func forEachLearnedPage(of only: CompanyID? = nil, _ take: (_ packed: [UInt8]) throws -> Void) throws {
        var (company, index): (Int64, [UInt8]) = (only?.rawValue ?? 0, [])
        while only == nil || company == only?.rawValue {
            let row = try connection.query(
                "SELECT packed, last_company, last_index FROM lever.learned_ids($1, $2, $3)", .bigint(company),
                .bytea(index), .integer(Self.pageLength))[0]
            guard !row.isNull(1) else { return }
            if !row.isNull(0) { try take(row.bytea(0)) }
            (company, index) = (row.bigint(1), row.bytea(2))
        }
    }

    /// Every candidate of companies that take unsigned markers; with `only`, as above.
    public func forEachCandidatePage(of only: CompanyID? = nil, _ take: (_ packed: [UInt8]) throws -> Void) throws {
        var (company, candidate): (Int64, Int64) = (only?.rawValue ?? 0, 0)
        while only == nil || company == only?.rawValue {
            let row = try connection.query(
                "SELECT packed, last_company, last_candidate FROM lever.known_candidates($1, $2, $3)", .bigint(company),
                .bigint(candidate), .integer(Self.pageLength))[0]
            guard !row.isNull(1) else { return }
            if !row.isNull(0) { try take(row.bytea(0)) }
            (company, candidate) = (row.bigint(1), row.bigint(2))
        }
    }

    /// What came since a horizon; nil where it is so much that everything is better read again.
    public func learnedChanges(since horizon: Int64) throws(DatabaseError) -> (threads: [UInt8], candidates: [UInt8])? {
        let row = try connection.query(
            "SELECT threads, candidates, is_whole FROM lever.memory_since($1, $2)", .bigint(horizon),
            .integer(Self.newLimit))[0]
        guard row.boolean(2) else { return nil }
        return (row.isNull(0) ? [] : row.bytea(0), row.isNull(1) ? [] : row.bytea(1))
    }
}
