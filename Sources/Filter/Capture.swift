import Core
import Inspection
import Sealing
import Spool

/// A marked message while it arrives: sealed chunk by chunk into the spool. Memory does not grow with the message.
///
/// Dropped without `finish`, nothing of it remains.
struct Capture: ~Copyable {
    let header: SpoolHeader
    /// Bytes of the raw message so far: header section, empty line, body.
    private(set) var size = 0

    private let fields: HeaderSection
    /// The one in use first.
    private let indexKeys: [Routing.IndexKey]
    private let signingKey: SigningKey?
    private let binding: Binding
    private var bytesInFlight: BytesInFlight
    private var sealer: MessageSealer
    private var bodyDigest: SHA256
    private var file: SpoolWriter
    private let metrics: DaemonMetrics
    /// Seconds that went into it so far.
    private var sealingTime = 0.0

    /// Begins a message: its header section is sealed at once.
    static func begin(
        _ found: FoundMarker, of company: Routing.Company, _ direction: Direction, fields: HeaderSection,
        envelope: Envelope, forwarded: Forwarded?, queueID: String, options: Options, context: FilterContext
    ) throws -> Capture {
        let time = Timestamp.now()
        var header = try SpoolHeader(
            found, of: company, direction, fields: fields, envelope: envelope, acceptedAt: time, queueID: queueID,
            host: options.host)
        header.forwarded = forwarded
        let binding = Binding(message: header.entry, company: company.id, thread: found.marker.thread, time: time)
        let sealer = try MessageSealer(
            binding: binding, recipients: company.sealingKeys.map { try SealingKey(subjectPublicKeyInfo: $0) })
        var capture = try Capture(
            header, fields, [company.indexKey!] + company.furtherIndexKeys, binding, sealer, options.signingKey,
            BytesInFlight(context.admission, limit: options.inFlightLimit), context.spool, context.metrics)
        try (fields.raw + Array("\r\n".utf8)).withUnsafeBytes { try capture.seal($0) }
        return capture
    }

    private init(
        _ header: SpoolHeader, _ fields: HeaderSection, _ indexKeys: [Routing.IndexKey], _ binding: Binding,
        _ sealer: consuming MessageSealer, _ signingKey: SigningKey?, _ bytesInFlight: consuming BytesInFlight,
        _ spool: Spool, _ metrics: DaemonMetrics
    ) throws {
        let digest = try SHA256()
        file = try spool.begin(header, dedupeKeys: indexKeys.count, isSigned: signingKey != nil)
        bodyDigest = digest
        self.header = header
        self.fields = fields
        self.indexKeys = indexKeys
        self.binding = binding
        self.signingKey = signingKey
        self.bytesInFlight = bytesInFlight
        self.sealer = sealer
        self.metrics = metrics
    }

    /// Takes the next part of the body.
    mutating func body(_ chunk: UnsafeRawBufferPointer) throws {
        try bodyDigest.update(chunk)
        try seal(chunk)
    }

    private mutating func seal(_ chunk: UnsafeRawBufferPointer) throws {
        try bytesInFlight.add(chunk.count)
        // Not kept for the next chunk: a hundred messages at once would hold a hundred chunks.
        var ciphertext: [UInt8] = []
        let start = MonotonicClock.seconds
        try sealer.seal(chunk, into: &ciphertext)
        sealingTime += MonotonicClock.seconds - start
        try file.append(ciphertext)
        size += chunk.count
    }

    /// Makes the message durable in the spool.
    consuming func finish() throws {
        let (fields, indexKeys, size, binding, signingKey) = (fields, indexKeys, size, binding, signingKey)
        let (metrics, sealingTime, start) = (metrics, sealingTime, MonotonicClock.seconds)
        let bodyDigest = try bodyDigest.finish()
        let dedupeKeys = try indexKeys.map { try $0.dedupeKey(header: fields, bodyDigest: bodyDigest) }
        var ciphertext: [UInt8] = []
        let head = try sealer.finish(into: &ciphertext)
        metrics.sealing.observe(sealingTime + MonotonicClock.seconds - start)
        try file.append(ciphertext)
        try file.commit(head: head) { tailDigest in
            SpoolSeal(
                dedupeKeys: dedupeKeys, size: size,
                origin: try signingKey?.signOrigin(of: binding, tailDigest: tailDigest), spooledAt: .now())
        }
    }
}
