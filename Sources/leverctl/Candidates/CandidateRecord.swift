import Store

/// A candidate as `candidate list` shows it.
struct CandidateRecord: Encodable {
    let id: Int64
    let addedAt: String
    let threads: Int
    let messages: Int
    /// When name and address were erased; missing while they are there.
    let anonymizedAt: String?
    var name: String?
    var email: String?
    /// Why name and address are missing; not set if no key was given.
    var error: String?

    init(_ candidate: Candidate) {
        id = candidate.id.rawValue
        addedAt = candidate.binding.time.description
        threads = candidate.threadCount
        messages = candidate.messageCount
        anonymizedAt = candidate.anonymizedAt?.description
    }

    var shownName: String { name ?? (anonymizedAt == nil ? "?" : "(anonymous)") }
}
