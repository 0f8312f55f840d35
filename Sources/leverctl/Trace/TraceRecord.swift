import Core
import MessageTracing

/// What `leverctl trace --json` prints.
struct TraceRecord: Encodable {
    struct Place: Encodable {
        let area: String
        let file: String
        let reason: String?
    }

    struct Step: Encodable {
        let time: String?
        let text: String
    }

    struct Message: Encodable {
        let queueID: String
        let host: String?
        /// An outcome, or waiting, delivered, spooled, unknown or not_inspected.
        let state: String
        let meaning: [String]
        let company: Int64?
        let thread: Int64?
        let direction: String?
        let matched: String?
        let size: Int?
        let entry: String?
        let acceptedAt: String?
        let spooledAt: String?
        let storedAt: String?
        let reason: String?
        let spool: [Place]
        /// Whether the database has the entry.
        let stored: Bool
        let log: [Step]

        init(_ trace: MessageTrace, _ search: TraceSearch) {
            queueID = trace.queueID
            host = trace.host
            state = trace.state.name
            meaning = traceMeaning(trace, search)
            company = trace.company?.rawValue
            thread = trace.thread?.rawValue
            direction = trace.direction?.rawValue
            matched = trace.matched?.rawValue
            size = trace.size
            entry = trace.entry?.description
            acceptedAt = trace.acceptedAt?.description
            spooledAt = trace.spooledAt?.description
            storedAt = trace.storedAt?.description
            reason = trace.reason
            spool = trace.spool.map { Place(area: $0.area.rawValue, file: $0.item.name, reason: $0.item.reason) }
            stored = trace.isStored
            log = traceSteps(trace).map { Step(time: $0.time?.description, text: $0.text) }
        }
    }

    struct Source: Encodable {
        let name: String
        let place: String
        /// Missing if it could not be searched.
        let found: Int?
        let problem: String?
    }

    let found: Bool
    let stories: [Message]
    let sources: [Source]

    init(_ traces: [MessageTrace], _ search: TraceSearch, isFound: Bool) {
        found = isFound
        stories = traces.map { Message($0, search) }
        sources = search.sources.map { Source(name: $0.name, place: $0.place, found: $0.found, problem: $0.problem) }
    }
}
