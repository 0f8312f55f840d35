import Core
import DatabaseSupport
import Sealing
import Unsealing

@testable import Store

extension TimelineEntry {
    /// An entry of company 1, as the database would give it.
    static func sample(
        entry: EntryID = .make(at: .now()), company: Int64 = 1, acceptedAt: Timestamp = Timestamp(milliseconds: 1000),
        storedAt: Timestamp = Timestamp(milliseconds: 2000), host: String = "mx1", hostKeyID: [UInt8]? = nil,
        signature: [UInt8]? = nil, removedAt: Timestamp? = nil, thread: Int64 = 3,
        authentication: Authentication = .none, copyIndex: [UInt8]? = nil, size: Int = 10
    ) -> TimelineEntry {
        TimelineEntry(
            entry: entry, company: CompanyID(rawValue: company), candidate: CandidateID(rawValue: 2),
            thread: ThreadID(rawValue: thread), direction: .inbound, acceptedAt: acceptedAt, storedAt: storedAt,
            size: size, tailSize: size + 62, host: host, queueID: "4F2x", keyIDs: [], hostKeyID: hostKeyID,
            signature: signature, removedAt: removedAt, isSecret: false, authentication: authentication, labels: [], copyIndex: copyIndex)
    }
}

func profileBinding(company: Int64 = 1, candidate: Int64 = 2) -> Binding {
    let now = Timestamp.now()
    return Binding(
        content: .profile, company: CompanyID(rawValue: company), subject: candidate, entry: .make(at: now), time: now)
}
