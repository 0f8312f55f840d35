public import Core
public import Spool
import System

/// Seals a message chunk by chunk into a file of the spool while it arrives. Memory does not grow with the message.
/// Used by one thread at a time; dropped without `finish`, nothing of the message remains.
public struct CaptureWriter: ~Copyable {
    private var sealer: CaptureSealer
    private var file: SpoolWriter
    /// Seconds that sealing took so far.
    private var sealingTime = 0.0

    public var record: MessageRecord { sealer.record }
    /// Bytes of the raw message so far: header section, empty line, body.
    public var size: Int { sealer.size }

    /// Begins a file, with the sealed header section.
    public static func begin(_ sealer: consuming CaptureSealer, in spool: Spool) throws -> CaptureWriter {
        let file = try spool.begin(sealer.record, dedupeKeys: sealer.dedupeKeyCount, isSigned: sealer.isSigned)
        var writer = CaptureWriter(sealer, file)
        try writer.append { try $0.sealStart(into: &$1) }
        return writer
    }

    private init(_ sealer: consuming CaptureSealer, _ file: consuming SpoolWriter) {
        self.sealer = sealer
        self.file = file
    }

    /// Takes the next part of the body.
    public mutating func body(_ chunk: UnsafeRawBufferPointer) throws {
        try append { try $0.body(chunk, into: &$1) }
    }

    private mutating func append(
        _ seal: (inout CaptureSealer, _ ciphertext: inout [UInt8]) throws -> Void
    ) throws {
        // Not kept for the next chunk: a hundred messages at once would hold a hundred chunks.
        var ciphertext: [UInt8] = []
        let start = MonotonicClock.seconds
        try seal(&sealer, &ciphertext)
        sealingTime += MonotonicClock.seconds - start
        try file.append(ciphertext)
    }

    /// Makes the message durable in the spool. `sealed` gets the seconds that sealing took, before the disk is waited
    /// for.
    public consuming func finish(sealed: (Double) -> Void) throws {
        let (sealingTime, start) = (sealingTime, MonotonicClock.seconds)
        var ciphertext: [UInt8] = []
        let content = try sealer.finish(into: &ciphertext)
        sealed(sealingTime + MonotonicClock.seconds - start)
        try file.append(ciphertext)
        try file.commit(head: content.head) { tailDigest in
            var record = try content.record(tailDigest: tailDigest)
            record.spooledAt = .now()
            return record
        }
    }
}
