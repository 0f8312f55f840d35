import Core
import Glibc
import Sealing
import System

/// A message on its way into the spool: a file in `tmp/` until it is committed. Used by one callback at a time.
///
/// Small messages reach the disk in one write; of large ones nothing is held back, so that many at once need little
/// memory. Dropped without `commit`, the file is removed.
public struct SpoolWriter: ~Copyable {
    private let spool: Spool
    private let header: SpoolHeader
    private let file: TemporaryFile
    private let tailOffset: Int
    private var tailDigest: SHA256
    private var tailLength = 0
    /// Bytes of the file that wait to be written, at `written`.
    private var buffer: [UInt8]
    private var written = 0

    /// Bytes. Less than a full chunk of a body, which goes straight to the file.
    private static let bufferLimit = 32 * 1024

    init(spool: Spool, header: SpoolHeader, dedupeKeys: Int, isSigned: Bool) throws {
        let preamble = SpoolFormat.preamble(
            header, SpoolSeal(placeholderForDedupeKeys: dedupeKeys, isSigned: isSigned))
        var writer = ByteWriter()
        writer.raw(SpoolFormat.magic)
        writer.lengthPrefixed(preamble)
        let digest = try SHA256()
        file = try SpoolError.wrapping(TemporaryFile(spool.path(.tmp, header.entry.description)))
        tailDigest = digest
        tailOffset = SpoolFormat.preambleOffset + preamble.count
        buffer = writer.bytes
        self.spool = spool
        self.header = header
    }

    /// Takes the next part of the tail.
    public mutating func append(_ tail: [UInt8]) throws {
        try tailDigest.update(tail)
        tailLength += tail.count
        if buffer.count + tail.count <= Self.bufferLimit {
            buffer += tail
        } else {
            try write(buffer)
            buffer = []
            try write(tail)
        }
    }

    private mutating func write(_ bytes: [UInt8]) throws(SpoolError) {
        try file.descriptor.writeSpooled(bytes, at: written)
        written += bytes.count
    }

    /// Makes the message durable: when this returns, it survives a crash of the host. `seal` makes the last of it from
    /// the SHA-256 of the tail, with as many dedupe keys and a signature or none as was said at the beginning. On an
    /// error the message is not in the spool.
    public consuming func commit(head: [UInt8], seal: ([UInt8]) throws -> SpoolSeal) throws {
        let lengths = SpoolFormat.lengths(tail: tailLength, head: head.count)
        let tailDigest = try tailDigest.finish()
        let preamble = SpoolFormat.preamble(header, try seal(tailDigest))
        let room = tailOffset - SpoolFormat.preambleOffset
        precondition(preamble.count == room, "the preamble's room is fixed")
        let digest = try SpoolFormat.digest(preamble: preamble, head: head, lengths: lengths, tailDigest: tailDigest)
        var rest = buffer + head + lengths + digest + SpoolFormat.end
        if written == 0 {
            rest.replaceSubrange(SpoolFormat.preambleOffset..<tailOffset, with: preamble)
        } else {
            try file.descriptor.writeSpooled(preamble, at: SpoolFormat.preambleOffset)
        }
        try file.descriptor.writeSpooled(rest, at: written)
        try spool.synchronize(file.descriptor)
        try spool.publish(header.entry)
    }
}
