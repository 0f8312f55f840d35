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
        /// The outcome; or waiting, delivered, spooled, not_inspected.
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
        /// The database has the entry.
        let stored: Bool
        let log: [Step]

        init(_ story: MessageTrace, _ search: TraceSearch) {
            queueID = story.queueID
            host = story.host
            state = story.state.name
            meaning = traceMeaning(story, search)
            company = story.company?.rawValue
            thread = story.thread?.rawValue
            direction = story.direction?.rawValue
            matched = story.matched?.rawValue
            size = story.size
            entry = story.entry?.description
            acceptedAt = story.acceptedAt?.description
            spooledAt = story.spooledAt?.description
            storedAt = story.storedAt?.description
            reason = story.reason
            spool = story.spool.map { Place(area: $0.area.rawValue, file: $0.item.name, reason: $0.item.reason) }
            stored = story.isStored
            log = traceSteps(story).map { Step(time: $0.time?.description, text: $0.text) }
        }
    }

    struct Source: Encodable {
        let name: String
        let place: String
        /// Missing where it could not be asked.
        let found: Int?
        let problem: String?
    }

    let found: Bool
    let stories: [Message]
    let sources: [Source]

    init(_ stories: [MessageTrace], _ search: TraceSearch, isFound: Bool) {
        found = isFound
        self.stories = stories.map { Message($0, search) }
        sources = search.sources.map { Source(name: $0.name, place: $0.place, found: $0.found, problem: $0.problem) }
    }
}
