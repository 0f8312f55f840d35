public import Core
public import Spool
public import Store

/// One message under one queue ID: everything that is known of it, and from where.
public struct MessageTrace: Sendable {
    public let queueID: String
    /// In the order in which they were logged.
    public internal(set) var own: [(time: Timestamp?, event: FilterEvent)] = []
    public internal(set) var postfix: [(time: Timestamp?, event: PostfixEvent)] = []
    public internal(set) var spool: [(area: Spool.Area, item: SpoolListing.Item)] = []
    public internal(set) var record: DeliveryRecord?
    /// The mail host, if it is known.
    public internal(set) var host: String?

    init(queueID: String) { self.queueID = queueID }

    /// What became of it, or where it got to.
    public enum State: Hashable, Sendable {
        case ended(Outcome)
        /// Captured here; the database does not have it yet.
        case waiting
        /// The database has it: as an entry, or as a duplicate of one.
        case delivered
        /// It was captured, and nothing here says what became of it then.
        case spooled
        /// An outcome that this program does not know.
        case unknown(String)
        /// The filter left no word about it.
        case notInspected

        /// As in the log, with underscores.
        public var name: String {
            switch self {
            case .ended(let outcome): outcome.rawValue
            case .waiting: "waiting"
            case .delivered: "delivered"
            case .spooled: "spooled"
            case .unknown(let name): name
            case .notInspected: "not_inspected"
            }
        }
    }

    public var state: State {
        if let outcome = record?.outcome { return .ended(outcome) }
        if let last = own.last(where: { $0.event.kind == .ended })?.event {
            return last.outcome.map(State.ended) ?? .unknown(last.values["outcome"] ?? "")
        }
        if spool.contains(where: { $0.area == .new || $0.area == .redeliver }) { return .waiting }
        if let reason = spool.first(where: { $0.area == .quarantine })?.item.reason {
            // `TIME OUTCOME: why`
            let word = reason.split(separator: " ").dropFirst().first?.dropLast() ?? ""
            return Outcome(rawValue: String(word)).map(State.ended) ?? .unknown(String(word))
        }
        if !spool.isEmpty { return .delivered }
        return own.isEmpty ? .notInspected : .spooled
    }

    private var header: SpoolHeader? { spool.first?.item.header }

    private func logged(_ key: String) -> String? { own.lazy.compactMap { $0.event.values[key] }.first }

    public var company: CompanyID? {
        record?.company ?? header?.company ?? own.lazy.compactMap(\.event.company).first
    }
    public var thread: ThreadID? { record?.thread ?? header?.thread ?? own.lazy.compactMap(\.event.thread).first }
    public var direction: Direction? {
        record?.direction ?? header?.direction ?? logged("direction").flatMap(Direction.init)
    }
    public var matched: MarkerField? {
        record?.matched ?? header?.matched ?? logged("matched").flatMap(MarkerField.init)
    }
    public var size: Int? { record?.size ?? spool.first?.item.messageSize ?? logged("size").flatMap { Int($0) } }
    public var entry: EntryID? {
        header?.entry ?? own.lazy.compactMap(\.event.entry).first ?? (isStored ? record?.entry : nil)
    }
    /// Why, in the words of the log or of quarantine.
    public var reason: String? {
        own.last { $0.event.values["reason"] != nil }?.event.values["reason"]
            ?? spool.first { $0.item.reason != nil }?.item.reason
    }

    public var isStored: Bool { record?.outcome == .captured }

    /// When its header was read; where nothing says so, when Postfix first spoke of it.
    public var acceptedAt: Timestamp? { record?.acceptedAt ?? header?.acceptedAt }
    public var spooledAt: Timestamp? {
        record?.spooledAt ?? spool.lazy.compactMap(\.item.spooledAt).first
            ?? own.first { $0.event.kind == .spooled }?.time
    }
    /// When the database had it.
    public var storedAt: Timestamp? {
        record?.storedAt ?? spool.first { $0.area == .delivered }?.item.modifiedAt
            ?? own.last { [.captured, .duplicate, .erased].contains($0.event.outcome) }?.time
    }

    /// Whether something says that the message has this Message-ID, given without brackets; `entries` are those that
    /// the spool or the database gave for it.
    public func isOf(_ messageID: [UInt8], entries: Set<EntryID>) -> Bool {
        entry.map(entries.contains) ?? false || record.map { entries.contains($0.entry) } ?? false
            || postfix.contains { $0.event.isMessage(messageID) }
    }

    /// For the order of stories.
    public var begin: Timestamp? {
        [acceptedAt, own.lazy.compactMap(\.time).first, postfix.lazy.compactMap(\.time).first].compactMap(\.self).min()
    }
}
