public import Core

/// What the delivery log has of a company in a period, beside the period of equal length before it: by it an
/// administrator judges whether the company can go live.
public struct Observation: Sendable {
    /// Records of one outcome and one direction; none where the company was not known well enough to tell.
    public struct Count: Hashable, Sendable {
        public let outcome: Outcome
        public let direction: Direction?
        public var messages: Int
        /// Of the raw messages, as far as they were seen.
        public var bytes: Int64
    }

    public struct Period: Sendable {
        public let from: Timestamp
        public let until: Timestamp
        public var counts: [Count] = []
    }

    /// Records of a day, UTC, from one host.
    public struct Day: Hashable, Sendable {
        /// `2026-11-24`
        public let day: String
        public let host: String
        public let messages: Int
    }

    /// Messages of threads, and how many threads they are of.
    public struct Threads: Hashable, Sendable {
        public var threads = 0
        public var messages = 0
    }

    public let company: CompanyRecord
    public let period: Period
    public let before: Period
    /// Of the period, in order.
    public let days: [Day]
    /// Of messages that are the company's business, however they ended.
    public let threads: Threads
    /// Those of them that the database does not know: what comes of them cannot be stored.
    public let unknownThreads: Threads
    /// Keys that a message would be sealed to.
    public let sealingKeys: Int
    public let hosts: [MailHostRecord]
}

extension Outcome {
    /// The marker held, and nothing kept the message from being captured but its size or what the database said.
    static let matches: [Outcome] = [
        .captured, .duplicate, .unknownThread, .observeOnly, .forwarded, .alreadyForwarded, .tooLarge, .erased,
    ]
}

extension OwnerSession {
    /// The last `seconds`, and as many before.
    public func observation(of company: CompanyRecord, seconds: Int64, now: Timestamp = .now()) throws -> Observation {
        func ago(_ times: Int64) -> Timestamp {
            Timestamp(milliseconds: max(0, now.milliseconds - times * seconds * 1000))
        }
        let (start, middle) = (ago(2), ago(1))
        return try connection.transaction {
            try connection.actFor(company.id)
            let id = Parameter.bigint(company.id.rawValue)
            var periods = [
                Observation.Period(from: start, until: middle), Observation.Period(from: middle, until: now),
            ]
            for row in try connection.query(
                """
                SELECT accepted_at >= $3, outcome, coalesce(direction, ''), count(*), coalesce(sum(size), 0)::bigint
                FROM lever.delivery WHERE company_id = $1 AND accepted_at >= $2 AND accepted_at < $4
                GROUP BY 1, 2, 3 ORDER BY 4 DESC, 2, 3
                """, id, .timestamp(start), .timestamp(middle), .timestamp(now))
            {
                // An outcome that this program does not know is none of its business.
                guard let outcome = Outcome(rawValue: row.text(1)) else { continue }
                periods[row.boolean(0) ? 1 : 0].counts.append(
                    Observation.Count(
                        outcome: outcome, direction: Direction(rawValue: row.text(2)), messages: Int(row.bigint(3)),
                        bytes: row.bigint(4)))
            }
            let days = try connection.query(
                """
                SELECT (accepted_at AT TIME ZONE 'UTC')::date::text, host, count(*) FROM lever.delivery
                WHERE company_id = $1 AND accepted_at >= $2 AND accepted_at < $3 GROUP BY 1, 2 ORDER BY 1, 2
                """, id, .timestamp(middle), .timestamp(now)
            ).map { Observation.Day(day: $0.text(0), host: $0.text(1), messages: Int($0.bigint(2))) }
            let threads = try connection.query(
                """
                SELECT count(DISTINCT d.thread_id), count(*),
                    count(DISTINCT d.thread_id) FILTER (WHERE t.thread_id IS NULL), count(*) FILTER (WHERE t.thread_id IS NULL)
                FROM lever.delivery AS d
                LEFT JOIN lever.thread AS t ON t.company_id = d.company_id AND t.thread_id = d.thread_id
                WHERE d.company_id = $1 AND d.accepted_at >= $2 AND d.accepted_at < $3 AND d.outcome = ANY ($4::text[])
                """, id, .timestamp(middle), .timestamp(now),
                .array(Outcome.matches.map { .text($0.rawValue) }, of: .text))[0]
            return Observation(
                company: company, period: periods[1], before: periods[0], days: days,
                threads: .init(threads: Int(threads.bigint(0)), messages: Int(threads.bigint(1))),
                unknownThreads: .init(threads: Int(threads.bigint(2)), messages: Int(threads.bigint(3))),
                sealingKeys: try sealingKeys(of: company.id).count { $0.isActive }, hosts: try mailHosts())
        }
    }
}
