/// What is known of a message that belongs to a company's thread, besides its sealed content. One type from the
/// filter's decision to the database: the spool keeps it in its codec's form (`MessageRecord+Spool`), the database
/// takes it as a lever.incoming (`RowWriter.incoming`). A plain value without anything in it that says what people
/// wrote.
///
/// A new fact is a property here and a line in either codec. A message that is not stored has a record too, for the
/// delivery log: it leaves what follows `messageIDIndex` as it is.
public struct MessageRecord: Hashable, Sendable {
    /// The company and thread that the marker or the learned id names.
    public var company: CompanyID
    public var thread: ThreadID
    public var entry: EntryID
    /// When the mail host accepted it: the time in the binding.
    public var acceptedAt: Timestamp
    /// The mail host's name.
    public var host: String
    /// Postfix's queue ID.
    public var queueID: String
    /// Nil where the company is not known well enough to tell.
    public var direction: Direction?
    /// Bytes of the raw message; nil where the filter accepted it before its body.
    public var size: Int?
    /// The header field that the marker or id was found in; nil where that is not known.
    public var matched: MarkerField?
    /// When it was complete in the host's spool, a moment before it was durable; nil where it never was there.
    public var spooledAt: Timestamp?
    /// The result of forwarding it; nil where it was not to be forwarded. For the log alone.
    public var forwarded: Forwarded?
    /// The version of the index key that made the blind indices and the first dedupe key; nil without any.
    public var indexVersion: UInt8?
    /// Blind index of the Message-ID, 16 bytes; nil where there is none, and where the company is not known.
    public var messageIDIndex: [UInt8]?

    /// What hosts that this one trusts say of the author's domain.
    public var authentication = Authentication.none
    public var labels: Set<MessageLabel> = []
    /// Blind index of the envelope sender, 16 bytes; nil for the null sender.
    public var senderIndex: [UInt8]?
    /// Blind indices of the envelope recipients, 16 bytes each.
    public var recipientIndices: [[UInt8]] = []
    /// Blind indices of the people outside who write or are written to, under each live index key.
    public var correspondents: [BlindIndex] = []
    /// What a reply that names the message is recognised by: its ids, each bound to an outside party, 16 bytes each.
    public var learnedIDs: [[UInt8]] = []
    /// 32 bytes each, one for each live index key, the one of `indexVersion` first. The same mail seen twice in a
    /// thread has one of them in common.
    public var dedupeKeys: [[UInt8]] = []
    /// The candidate of a thread that another system started: the first message of it opens the thread.
    public var externalCandidate: CandidateID?
    /// The keys that the message is sealed to, 20 bytes each.
    public var sealingKeyIDs: [[UInt8]] = []
    /// The host's signature; nil where it has no signing key.
    public var origin: OriginSignature?
    /// Blind index that copies of the message share, however servers rewrote them, 16 bytes; nil without a Message-ID.
    public var copyIndex: [UInt8]?

    public init(
        company: CompanyID, thread: ThreadID, entry: EntryID, acceptedAt: Timestamp, host: String, queueID: String
    ) {
        self.company = company
        self.thread = thread
        self.entry = entry
        self.acceptedAt = acceptedAt
        self.host = host
        self.queueID = queueID
    }

    /// What the database finds the message by.
    public var blindMessageID: BlindIndex? {
        get {
            guard let indexVersion, let messageIDIndex else { return nil }
            return BlindIndex(version: indexVersion, bytes: messageIDIndex)
        }
        set {
            messageIDIndex = newValue?.bytes
            if let newValue { indexVersion = newValue.version }
        }
    }

    /// What the sealed content is bound to.
    public var binding: Binding { Binding(message: entry, company: company, thread: thread, time: acceptedAt) }
}
