import Capture
import Core

/// A message on its way into the spool, with its share of the bytes that may be under way. Dropped without `finish`,
/// nothing of it remains.
struct IncomingCapture: ~Copyable {
    private var bytesInFlight: BytesInFlight
    private var writer: CaptureWriter

    var record: MessageRecord { writer.record }
    /// Bytes of the raw message so far: header section, empty line, body.
    var size: Int { writer.size }

    /// Begins a message: its header section is sealed at once.
    static func begin(
        _ sealer: consuming CaptureSealer, limit: Int, context: FilterContext
    ) throws -> IncomingCapture {
        var bytesInFlight = BytesInFlight(context.admission, limit: limit)
        try bytesInFlight.add(sealer.startSize)
        return IncomingCapture(bytesInFlight, try CaptureWriter.begin(sealer, in: context.spool))
    }

    private init(_ bytesInFlight: consuming BytesInFlight, _ writer: consuming CaptureWriter) {
        self.bytesInFlight = bytesInFlight
        self.writer = writer
    }

    /// Takes the next part of the body.
    mutating func body(_ chunk: UnsafeRawBufferPointer) throws {
        try bytesInFlight.add(chunk.count)
        try writer.body(chunk)
    }

    /// Makes the message durable in the spool. `sealed` gets the seconds that sealing took.
    consuming func finish(sealed: (Double) -> Void) throws {
        try writer.finish(sealed: sealed)
    }
}
