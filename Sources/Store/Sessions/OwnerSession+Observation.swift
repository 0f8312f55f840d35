public import Core

extension OwnerSession {
    /// The delivery log over the last `seconds` and over the same time before them.
    public func observation(of company: CompanyRecord, seconds: Int64, now: Timestamp = .now()) throws -> Observation {
        func ago(_ times: Int64) -> Timestamp {
            Timestamp(milliseconds: max(0, now.milliseconds - times * seconds * 1000))
        }
        var (before, period) = (
            Observation.Period(from: ago(2), until: ago(1)), Observation.Period(from: ago(1), until: now)
        )
        return try connection.transaction {
            try connection.actFor(company.id)
            before.counts = try counts(of: company.id, from: before.from, until: before.until)
            period.counts = try counts(of: company.id, from: period.from, until: period.until)
            let (threads, unknownThreads) = try threads(of: company.id, period)
            return Observation(
                company: company, period: period, before: before, days: try days(of: company.id, period),
                threads: threads, unknownThreads: unknownThreads,
                sealingKeys: try sealingKeys(of: company.id).count { $0.isActive }, hosts: try mailHosts())
        }
    }

    /// The most frequent first.
    private func counts(of company: CompanyID, from: Timestamp, until: Timestamp) throws -> [Observation.Count] {
        try connection.query(
            """
            SELECT outcome, direction, count(*), coalesce(sum(size), 0)::bigint FROM lever.delivery
            WHERE company_id = \(company) AND accepted_at >= \(from) AND accepted_at < \(until)
            GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 NULLS FIRST
            """
        ).decode((String, String?, Int, Int64).self).compactMap { outcome, direction, messages, bytes in
            // This program has nothing to say about an outcome that only a later one knows.
            guard let outcome = Outcome(rawValue: outcome) else { return nil }
            return Observation.Count(
                outcome: outcome, direction: direction.flatMap(Direction.init), messages: messages, bytes: bytes)
        }
    }

    private func days(of company: CompanyID, _ period: Observation.Period) throws -> [Observation.Day] {
        try connection.query(
            """
            SELECT (accepted_at AT TIME ZONE 'UTC')::date::text, host, count(*) FROM lever.delivery
            WHERE company_id = \(company) AND accepted_at >= \(period.from) AND accepted_at < \(period.until)
            GROUP BY 1, 2 ORDER BY 1, 2
            """
        ).decode((String, String, Int).self).map { Observation.Day(day: $0, host: $1, messages: $2) }
    }

    private func threads(
        of company: CompanyID, _ period: Observation.Period
    ) throws -> (all: Observation.Threads, unknown: Observation.Threads) {
        let (threads, messages, unknownThreads, unknownMessages) = try connection.query(
            """
            SELECT count(DISTINCT d.thread_id), count(*),
                count(DISTINCT d.thread_id) FILTER (WHERE t.thread_id IS NULL), count(*) FILTER (WHERE t.thread_id IS NULL)
            FROM lever.delivery AS d
            LEFT JOIN lever.thread AS t ON t.company_id = d.company_id AND t.thread_id = d.thread_id
            WHERE d.company_id = \(company) AND d.accepted_at >= \(period.from) AND d.accepted_at < \(period.until)
                AND d.outcome = ANY (\(Outcome.matches))
            """
        ).single.decode((Int, Int, Int, Int).self)
        return (.init(threads: threads, messages: messages), .init(threads: unknownThreads, messages: unknownMessages))
    }
}
