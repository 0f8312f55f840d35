import Core
import Reading
import Store

/// A candidate as `candidate list` shows it.
struct CandidateRecord: Encodable {
    let id: Int64
    let addedAt: Timestamp
    let threads: Int
    let messages: Int
    /// When name and address were erased; missing while they are there.
    let anonymizedAt: Timestamp?
    var name: String?
    var email: String?
    /// Whether the company's key confirms name and address; not set if they are not shown.
    private(set) var confirmed: Bool?
    var confirmation: ProfileConfirmation? { didSet { confirmed = confirmation.map { $0 == .confirmed } } }
    /// Why name and address are missing; not set if no key was given.
    var error: String?

    init(_ candidate: Candidate) {
        id = candidate.id.rawValue
        addedAt = candidate.binding.time
        threads = candidate.threadCount
        messages = candidate.messageCount
        anonymizedAt = candidate.anonymizedAt
    }

    private enum CodingKeys: CodingKey {
        case id, addedAt, threads, messages, anonymizedAt, name, email, confirmed, error
    }

    var shownConfirmation: String {
        switch confirmation {
        case .confirmed: "confirmed"
        case .asAdded: "as added"
        case .refuted: "NOT SIGNED"
        case nil: ""
        }
    }

    var shownName: String { name ?? (anonymizedAt == nil ? "?" : "(anonymous)") }
}
