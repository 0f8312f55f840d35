import Store

/// The output of `observe report --json`.
struct ObservationRecord: Encodable {
    struct Outcome: Encodable {
        let outcome: String
        /// Missing if it is not known.
        let direction: String?
        var messages = 0
        var messagesBefore = 0
        var bytes: Int64 = 0
        var bytesBefore: Int64 = 0

        /// In descending order of frequency.
        static func all(_ observation: Observation) -> [Outcome] {
            func value(_ period: Observation.Period, _ key: Observation.Count) -> Observation.Count? {
                period.counts.first { $0.outcome == key.outcome && $0.direction == key.direction }
            }
            let onlyBefore = observation.before.counts.filter { value(observation.period, $0) == nil }
            return (observation.period.counts + onlyBefore).map { key in
                let (now, before) = (value(observation.period, key), value(observation.before, key))
                return Outcome(
                    outcome: key.outcome.rawValue, direction: key.direction?.rawValue, messages: now?.messages ?? 0,
                    messagesBefore: before?.messages ?? 0, bytes: now?.bytes ?? 0, bytesBefore: before?.bytes ?? 0)
            }
        }
    }

    struct Day: Encodable {
        let day: String
        let host: String
        let messages: Int
    }

    struct Obstacle: Encodable {
        let kind: String
        let problem: String
        let advice: String
    }

    let company: String
    let capture: String
    let from: String
    let until: String
    let before: String
    let outcomes: [Outcome]
    let days: [Day]
    let threads: Int
    let unknownThreads: Int
    let unknownThreadMessages: Int
    let isReady: Bool
    let obstacles: [Obstacle]
    /// Missing while there are obstacles.
    let verdict: String?

    init(_ observation: Observation) {
        company = observation.company.name
        capture = observation.company.capture.rawValue
        from = observation.period.from.description
        until = observation.period.until.description
        before = observation.before.from.description
        outcomes = Outcome.all(observation)
        days = observation.days.map { Day(day: $0.day, host: $0.host, messages: $0.messages) }
        threads = observation.threads.threads
        unknownThreads = observation.unknownThreads.threads
        unknownThreadMessages = observation.unknownThreads.messages
        obstacles = observation.obstacles.map {
            Obstacle(kind: $0.kind.rawValue, problem: $0.problem, advice: $0.advice)
        }
        isReady = obstacles.isEmpty
        verdict = isReady ? observation.verdict : nil
    }
}
