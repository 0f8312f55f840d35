import Capture
public import Core
import Inspection
public import Mailboxes
public import Sealing
import Spool
import Store

/// Past mail on its way to the database: decided on and sealed as the filter does it, and brought in batches. One
/// message is in memory at a time, sealed, and a batch of small ones.
public final class Replay {
    public struct Options {
        public var markerDomains: [String]
        public var authservIDs: [String]
        /// Bytes.
        public var sizeLimit: Int
        public var host: String
        public var signingKey: SigningKey?
        /// Messages.
        public var batchLimit: Int
        /// In place of what each message says.
        public var sender: EnvelopeAddress?
        public var recipients: [EnvelopeAddress]?
        public var isDryRun: Bool

        public init(
            markerDomains: [String], authservIDs: [String], sizeLimit: Int, host: String, signingKey: SigningKey?,
            batchLimit: Int, sender: EnvelopeAddress? = nil, recipients: [EnvelopeAddress]? = nil,
            isDryRun: Bool = false
        ) {
            self.markerDomains = markerDomains
            self.authservIDs = authservIDs
            self.sizeLimit = sizeLimit
            self.host = host
            self.signingKey = signingKey
            self.batchLimit = batchLimit
            self.sender = sender
            self.recipients = recipients
            self.isDryRun = isDryRun
        }
    }

    public private(set) var summary: ReplaySummary

    private let company: CompanyID
    private let options: Options
    private let store: ReplayStore
    private let sealingKeys = SealingKeyCache()
    private var batch: [(name: String, entry: IngestEntry)] = []
    private var batchSize = 0

    /// Bytes of sealed messages that are brought together.
    private static let batchSizeLimit = 8 << 20
    /// Stands in the delivery log where Postfix's queue id would.
    private static let queueID = "replay"

    public init(company: CompanyID, options: Options, store: ReplayStore) {
        self.company = company
        self.options = options
        self.store = store
        summary = ReplaySummary(company: company, isDryRun: options.isDryRun)
    }

    /// Counts a message that the source could not give, with the reason.
    public func fail(_ name: String, _ reason: String) { summary.fail(name, reason) }

    /// Takes a message; `flush` follows the last one. What cannot be read goes to the summary.
    public func take(_ message: StoredMessage) throws {
        do {
            if let outcome = try decide(message) { summary.count(outcome) }
            summary.messages += 1
        } catch let error as MailFileError {
            summary.fail(message.name, "\(error)")
        }
        if batch.count >= options.batchLimit || batchSize >= Self.batchSizeLimit { try flush() }
    }

    /// Nil where the database decides.
    private func decide(_ message: StoredMessage) throws -> Outcome? {
        var incoming = BoundedHeader(messageSizeLimit: options.sizeLimit)
        try message.readHeader(limit: BoundedHeader.limit + 1) { incoming.append(name: $0, value: $1) }
        var envelope = Envelope(pastMail: incoming.fields)
        if let sender = options.sender { envelope.sender = sender }
        if let recipients = options.recipients { envelope.recipients = recipients }
        let decision = try Decision(
            header: incoming.fields, envelope: envelope,
            rules: InspectionContext(
                routing: store.routing, markerDomains: options.markerDomains, authservIDs: options.authservIDs,
                learned: store.learned))
        if case .pass(let outcome, let found) = decision { return found?.company == company ? outcome : .noMarker }
        // Another company's business.
        guard let match = decision.match, match.company.id == company else { return .noMarker }
        // The capture mode may have changed since this replay began.
        if case .forward = decision { throw ReplayError.forwardsOnly }
        guard incoming.oversize == nil else { return .tooLarge }
        if case .observe = decision { return try isWithinLimit(message, incoming.fields) ? .observeOnly : .tooLarge }
        if options.isDryRun { return try isWithinLimit(message, incoming.fields) ? .captured : .tooLarge }
        let recipients = try match.company.sealingKeys.map { try sealingKeys.key(subjectPublicKeyInfo: $0) }
        let header = try SpoolHeader(
            match, recipients: recipients, fields: incoming.fields, envelope: envelope,
            acceptedAt: MessageTime.of(incoming.fields, storedAt: message.storedAt), queueID: Self.queueID,
            host: options.host)
        // Messages further on may name it.
        store.learned.learn(header)
        return try seal(
            message,
            CaptureSealer(
                header, of: match.company, recipients: recipients, fields: incoming.fields,
                signingKey: options.signingKey))
    }

    private struct TooLarge: Error {}

    private func isWithinLimit(_ message: StoredMessage, _ fields: HeaderSection) throws -> Bool {
        var size = fields.raw.count + 2
        try message.readBody { size += $0.count }
        return size <= options.sizeLimit
    }

    private func seal(_ message: StoredMessage, _ sealer: consuming CaptureSealer) throws -> Outcome? {
        let header = sealer.header
        var tail: [UInt8] = []
        try sealer.sealStart(into: &tail)
        do {
            try message.readBody { chunk in
                guard sealer.size + chunk.count <= options.sizeLimit else { throw TooLarge() }
                try sealer.body(chunk, into: &tail)
            }
        } catch is TooLarge {
            return .tooLarge
        }
        let sealed = try sealer.finish(into: &tail)
        let entry = try IngestEntry(
            header, sealed.seal(tailDigest: SHA256.digest(of: tail)), spooledAt: nil, head: sealed.head,
            tailLength: tail.count, readTail: { [tail] in Array(tail[$0]) })
        batch.append((message.name, entry))
        batchSize += tail.count
        return nil
    }

    /// Brings what waits to the database.
    public func flush() throws {
        guard !batch.isEmpty else { return }
        let outcomes = try store.ingest(batch.map(\.entry)) { summary.fail(batch[$0].name, $1) }
        outcomes.forEach { summary.count($0) }
        batch = []
        batchSize = 0
        try store.refreshRouting()
    }
}
