public import Core
import Glibc
import Sealing
import System

/// A message on its way into the spool: a file in `tmp/` until it is committed. Used by one callback at a time.
///
/// Small messages reach the disk in one write; of large ones nothing is held back, so that many at once need little
/// memory. Dropped without `commit`, the file is removed.
public struct SpoolWriter: ~Copyable {
    private let spool: Spool
    private let entry: EntryID
    /// Bytes of the record, which are reserved.
    private let recordLength: Int
    private let file: TemporaryFile
    private var tailDigest: SHA256
    private var tailLength = 0
    /// Bytes of the file that wait to be written, at `written`.
    private var buffer: [UInt8]
    private var written = 0

    /// Bytes. Less than a full chunk of a body, which goes straight to the file.
    private static let bufferLimit = 32 * 1024

    init(spool: Spool, record: MessageRecord, dedupeKeys: Int, isSigned: Bool) throws {
        let room = SpoolFormat.bytes(of: record.reserved(dedupeKeys: dedupeKeys, isSigned: isSigned))
        var writer = ByteWriter()
        writer.raw(SpoolFormat.magic)
        writer.lengthPrefixed(room)
        let digest = try SHA256()
        file = try SpoolError.wrapping(TemporaryFile(spool.path(.tmp, record.entry.description)))
        tailDigest = digest
        recordLength = room.count
        buffer = writer.bytes
        self.spool = spool
        entry = record.entry
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

    /// Makes the message durable: when this returns, it survives a crash of the host. `complete` returns the record
    /// given at the beginning with its size, dedupe keys, signature and time, for the SHA-256 of the tail. On an error
    /// the message is not in the spool.
    public consuming func commit(head: [UInt8], complete: (_ tailDigest: [UInt8]) throws -> MessageRecord) throws {
        let lengths = SpoolFormat.lengths(tail: tailLength, head: head.count)
        let tailDigest = try tailDigest.finish()
        let record = SpoolFormat.bytes(of: try complete(tailDigest))
        let room = recordLength
        precondition(record.count == room, "the record's room is fixed")
        let digest = try SpoolFormat.digest(record: record, head: head, lengths: lengths, tailDigest: tailDigest)
        var rest = buffer + head + lengths + digest + SpoolFormat.end
        if written == 0 {
            rest.replaceSubrange(SpoolFormat.recordOffset..<SpoolFormat.recordOffset + recordLength, with: record)
        } else {
            try file.descriptor.writeSpooled(record, at: SpoolFormat.recordOffset)
        }
        try file.descriptor.writeSpooled(rest, at: written)
        try spool.synchronize(file.descriptor)
        try spool.publish(entry)
    }
}

extension MessageRecord {
    /// As long as the complete record will be.
    fileprivate func reserved(dedupeKeys count: Int, isSigned: Bool) -> MessageRecord {
        var record = self
        record.dedupeKeys = Array(repeating: Array(repeating: 0, count: 32), count: count)
        record.origin =
            isSigned
            ? OriginSignature(keyID: Array(repeating: 0, count: 20), signature: Array(repeating: 0, count: 64)) : nil
        return record
    }
}
