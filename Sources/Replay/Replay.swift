// Replay: captures past mail by the filter's own decisions, with the mail host's login. Begin with `ReplayStore`, then
// `Replay`. It may use Inspection, Capture and Mailboxes, and never Unsealing.

import Capture
public import Core
import Inspection
public import Mailboxes
public import Sealing
import Spool
import Store

/// Past mail on its way to the database: each message's plan is executed as the filter does it, and captured messages
/// are stored in batches. One message is in memory at a time, sealed, and a batch of small ones.
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
        public var sender: Address?
        public var recipients: [Address]?
        public var isDryRun: Bool

        public init(
            markerDomains: [String], authservIDs: [String], sizeLimit: Int, host: String, signingKey: SigningKey?,
            batchLimit: Int, sender: Address? = nil, recipients: [Address]? = nil,
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

    /// Bytes of sealed messages in a batch.
    private static let batchSizeLimit = 8 << 20
    /// Takes the place of Postfix's queue ID in the delivery log.
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

    /// Nil if the database decides.
    private func decide(_ message: StoredMessage) throws -> Outcome? {
        var incoming = BoundedHeader(messageSizeLimit: options.sizeLimit)
        try message.readHeader(limit: BoundedHeader.limit + 1) { incoming.append(name: $0, value: $1) }
        var envelope = Envelope(pastMail: incoming.fields)
        if let sender = options.sender { envelope.sender = sender }
        if let recipients = options.recipients { envelope.recipients = recipients }
        let plans = try Plan.all(
            header: incoming, envelope: envelope,
            rules: InspectionContext(
                routing: store.routing, markerDomains: options.markerDomains, authservIDs: options.authservIDs,
                learned: store.learned, sealingKeys: sealingKeys))
        if case .pass(let closest) = plans[0].action {
            return closest?.company == company ? plans[0].outcome : .noMarker
        }
        // Otherwise it is other companies' alone.
        guard let plan = plans.first(where: { $0.match?.company.id == company }), let match = plan.match else {
            return .noMarker
        }
        if let warning = message.warning { summary.warn(message.name, warning) }
        switch plan.action {
        case .store(let recipients) where !options.isDryRun:
            return try capture(message, match, recipients, incoming.fields, envelope)
        case .store, .observe:
            return try isWithinLimit(message, incoming.fields) ? plan.outcome : .tooLarge
        // The capture mode may have changed since this replay began.
        case .forward: throw ReplayError.forwardsOnly
        case .fail(let error): throw error
        case .pass, .tooLarge: return plan.outcome
        }
    }

    /// Nil if the message is sealed and waits to be stored.
    private func capture(
        _ message: StoredMessage, _ match: MatchedMessage, _ recipients: [SealingKey], _ fields: HeaderSection,
        _ envelope: Envelope
    ) throws -> Outcome? {
        let record = try MessageRecord(
            match, recipients: recipients, fields: fields, envelope: envelope,
            acceptedAt: MessageTime.of(fields, storedAt: message.storedAt), queueID: Self.queueID, host: options.host)
        // Later messages may name it.
        store.learned.learn(record)
        return try seal(
            message,
            CaptureSealer(
                record, of: match.company, recipients: recipients, fields: fields, signingKey: options.signingKey))
    }

    private struct TooLarge: Error {}

    private func isWithinLimit(_ message: StoredMessage, _ fields: HeaderSection) throws -> Bool {
        var size = fields.raw.count + 2
        try message.readBody { size += $0.count }
        return size <= options.sizeLimit
    }

    private func seal(_ message: StoredMessage, _ sealer: consuming CaptureSealer) throws -> Outcome? {
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
            sealed.record(tailDigest: SHA256.digest(of: tail)),
            .content(
                IngestEntry.Content(
                    head: sealed.head, tailLength: tail.count, readTail: { [tail] in Array(tail[$0]) })))
        batch.append((message.name, entry))
        batchSize += tail.count
        return nil
    }

    /// Stores the messages that wait.
    public func flush() throws {
        guard !batch.isEmpty else { return }
        let outcomes = try store.ingest(batch.map(\.entry)) { summary.fail(batch[$0].name, $1) }
        outcomes.forEach { summary.count($0) }
        batch = []
        batchSize = 0
        try store.refreshRouting()
    }
}
