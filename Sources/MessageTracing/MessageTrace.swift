public import Core
public import Spool
public import Store

/// One message under one queue ID: everything that log, spool and database have about it.
public struct MessageTrace: Sendable {
    public let queueID: String
    /// Of lever-milter, in the order of the log.
    public internal(set) var own: [(time: Timestamp?, event: FilterEvent)] = []
    public internal(set) var postfix: [(time: Timestamp?, event: PostfixEvent)] = []
    public internal(set) var spool: [(area: Spool.Area, item: SpoolListing.Item)] = []
    public internal(set) var record: DeliveryRecord?
    /// The mail host; nil if unknown.
    public internal(set) var host: String?

    init(queueID: String) { self.queueID = queueID }

    /// The outcome of the message, or how far it has come.
    public enum State: Hashable, Sendable {
        case ended(Outcome)
        /// Captured on this host; the database does not have it yet.
        case waiting
        /// In the database, as an entry or as a duplicate of one.
        case delivered
        /// Captured; nothing on this host has its outcome.
        case spooled
        /// An outcome that this program does not know.
        case unknown(String)
        /// The filter logged nothing about it.
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

    private var spooled: MessageRecord? { spool.first?.item.record }

    private func logged(_ key: String) -> String? { own.lazy.compactMap { $0.event.values[key] }.first }

    public var company: CompanyID? {
        record?.company ?? spooled?.company ?? own.lazy.compactMap(\.event.company).first
    }
    public var thread: ThreadID? { record?.thread ?? spooled?.thread ?? own.lazy.compactMap(\.event.thread).first }
    public var direction: Direction? {
        record?.direction ?? spooled?.direction ?? logged("direction").flatMap(Direction.init)
    }
    public var matched: MarkerField? {
        record?.matched ?? spooled?.matched ?? logged("matched").flatMap(MarkerField.init)
    }
    public var size: Int? { record?.size ?? spool.first?.item.messageSize ?? logged("size").flatMap { Int($0) } }
    public var entry: EntryID? {
        spooled?.entry ?? own.lazy.compactMap(\.event.entry).first ?? (isStored ? record?.entry : nil)
    }
    /// The reason in the log or in quarantine.
    public var reason: String? {
        own.last { $0.event.values["reason"] != nil }?.event.values["reason"]
            ?? spool.first { $0.item.reason != nil }?.item.reason
    }

    public var isStored: Bool { record?.outcome == .captured }

    /// When its header was read.
    public var acceptedAt: Timestamp? { record?.acceptedAt ?? spooled?.acceptedAt }
    public var spooledAt: Timestamp? {
        record?.spooledAt ?? spool.lazy.compactMap(\.item.spooledAt).first
            ?? own.first { $0.event.kind == .spooled }?.time
    }
    /// When the database stored it.
    public var storedAt: Timestamp? {
        record?.storedAt ?? spool.first { $0.area == .delivered }?.item.modifiedAt
            ?? own.last {
                [.captured, .duplicate, .erased, .withdrawnMarker, .expiredMarker].contains($0.event.outcome)
            }?.time
    }

    /// True if the log, the spool or the database says that the message has this Message-ID, given without brackets.
    /// `entries` are the entries that spool and database have for the id.
    public func isOf(_ messageID: [UInt8], entries: Set<EntryID>) -> Bool {
        entry.map(entries.contains) ?? false || record.map { entries.contains($0.entry) } ?? false
            || postfix.contains { $0.event.isMessage(messageID) }
    }

    /// The earliest time that is known, by which traces are sorted.
    public var begin: Timestamp? {
        [acceptedAt, own.lazy.compactMap(\.time).first, postfix.lazy.compactMap(\.time).first].compactMap(\.self).min()
    }
}
