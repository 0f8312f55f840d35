import Capture
import Core
import Inspection
import Sealing
import Spool
import System

/// A marked message while it arrives: sealed chunk by chunk into the spool. Memory does not grow with the message.
///
/// Dropped without `finish`, nothing of it remains.
struct CaptureWriter: ~Copyable {
    private var bytesInFlight: BytesInFlight
    private var sealer: CaptureSealer
    private var file: SpoolWriter
    private let metrics: FilterMetrics
    /// Seconds that went into it so far.
    private var sealingTime = 0.0

    var header: SpoolHeader { sealer.header }
    /// Bytes of the raw message so far: header section, empty line, body.
    var size: Int { sealer.size }

    /// Begins a message: its header section is sealed at once.
    static func begin(
        _ match: MatchedMessage, fields: HeaderSection, envelope: Envelope, forwarded: Forwarded?, queueID: String,
        options: Options, context: FilterContext
    ) throws -> CaptureWriter {
        let company = match.company
        let recipients = try company.sealingKeys.map { try context.sealingKeys.key(subjectPublicKeyInfo: $0) }
        var header = try SpoolHeader(
            match, recipients: recipients, fields: fields, envelope: envelope, acceptedAt: .now(), queueID: queueID,
            host: options.host)
        header.forwarded = forwarded
        let sealer = try CaptureSealer(
            header, of: company, recipients: recipients, fields: fields, signingKey: options.signingKey)
        var capture = try CaptureWriter(
            sealer, BytesInFlight(context.admission, limit: options.inFlightLimit), context.spool, context.metrics)
        try capture.append(capture.sealer.startSize) { try $0.sealStart(into: &$1) }
        return capture
    }

    private init(
        _ sealer: consuming CaptureSealer, _ bytesInFlight: consuming BytesInFlight, _ spool: Spool,
        _ metrics: FilterMetrics
    ) throws {
        file = try spool.begin(sealer.header, dedupeKeys: sealer.dedupeKeyCount, isSigned: sealer.isSigned)
        self.bytesInFlight = bytesInFlight
        self.sealer = sealer
        self.metrics = metrics
    }

    /// Takes the next part of the body.
    mutating func body(_ chunk: UnsafeRawBufferPointer) throws {
        try append(chunk.count) { try $0.body(chunk, into: &$1) }
    }

    /// Seals so many bytes, and appends them to the file.
    private mutating func append(
        _ count: Int, _ seal: (inout CaptureSealer, _ ciphertext: inout [UInt8]) throws -> Void
    ) throws {
        try bytesInFlight.add(count)
        // Not kept for the next chunk: a hundred messages at once would hold a hundred chunks.
        var ciphertext: [UInt8] = []
        let start = MonotonicClock.seconds
        try seal(&sealer, &ciphertext)
        sealingTime += MonotonicClock.seconds - start
        try file.append(ciphertext)
    }

    /// Makes the message durable in the spool.
    consuming func finish() throws {
        let (metrics, sealingTime, start) = (metrics, sealingTime, MonotonicClock.seconds)
        var ciphertext: [UInt8] = []
        let sealed = try sealer.finish(into: &ciphertext)
        metrics.sealing.observe(sealingTime + MonotonicClock.seconds - start)
        try file.append(ciphertext)
        try file.commit(head: sealed.head) { try sealed.seal(tailDigest: $0) }
    }
}
