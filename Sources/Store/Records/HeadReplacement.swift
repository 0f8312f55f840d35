import Core

/// A head, and the one that takes its place.
public struct HeadReplacement: Hashable, Sendable {
    /// The table of the schema that has the head.
    let kind: String
    let entry: EntryID
    let old: [UInt8]
    let new: [UInt8]

    public init(_ old: MessageHead, with new: [UInt8]) {
        (kind, entry, self.old, self.new) = ("message_key", old.entry, old.head, new)
    }

    public init(_ old: ProfileHead, with new: [UInt8]) {
        kind =
            switch old.owner {
            case .candidate: "candidate"
            case .address: "address"
            case .account: "mail_account"
            case .outgoing: "outbox"
            }
        (entry, self.old, self.new) = (old.entry, old.head, new)
    }

    init(kind: String, entry: EntryID, old: [UInt8], new: [UInt8]) {
        (self.kind, self.entry, self.old, self.new) = (kind, entry, old, new)
    }
}
