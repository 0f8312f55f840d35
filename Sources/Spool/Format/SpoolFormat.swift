import Core
import Sealing
import System

/// A spool file, all integers big-endian:
///
///     magic "LVSPOOL1" | u32 length of the record | record (`MessageRecord+Spool`)
///     tail | head
///     u64 length of tail | u32 length of head | digest (32) | "LVSPEND1"
///
/// The tail comes before the head because it is written while the message arrives. The record's length is known then,
/// some of its values are not: room is left and filled at the end. The digest is
/// SHA-256(record | head | the two lengths | SHA-256(tail)); with the end record it tells a whole file from a cut one.
enum SpoolFormat {
    static let magic = Array("LVSPOOL1".utf8)
    static let end = Array("LVSPEND1".utf8)
    static let recordOffset = 12
    static let trailerLength = 8 + 4 + 32 + 8

    static func bytes(of record: MessageRecord) -> [UInt8] {
        precondition(!record.dedupeKeys.isEmpty && record.dedupeKeys.allSatisfy { $0.count == 32 })
        var writer = ByteWriter()
        record.write(to: &writer)
        return writer.bytes
    }

    /// Reads what `bytes(of:)` wrote.
    static func record(_ bytes: [UInt8]) throws(ByteReader.Malformed) -> MessageRecord {
        var reader = ByteReader(bytes)
        let record = try MessageRecord(from: &reader)
        guard reader.isAtEnd, !record.dedupeKeys.isEmpty, record.size != nil else { throw ByteReader.Malformed() }
        return record
    }

    /// The record of a file. Most are read at once: very many files may be looked at.
    static func record(of file: consuming FileDescriptor) throws -> MessageRecord {
        var front = [UInt8](repeating: 0, count: frontLength)
        let count = try front.withUnsafeMutableBytes { buffer throws(SpoolError) in
            try SpoolError.wrapping(file.read(into: buffer))
        }
        var reader = ByteReader(front[..<count])
        guard try reader.raw(magic.count) == magic else {
            throw SpooledMessage.Damaged(description: "not a spool file")
        }
        let end = recordOffset + Int(try reader.integer(UInt32.self))
        if end <= count { return try record(Array(front[recordOffset..<end])) }
        guard end <= (try SpoolError.wrapping(file.size())) else {
            throw SpooledMessage.Damaged(description: "the file is cut short")
        }
        return try record(file.readSpooled(recordOffset..<end))
    }

    /// The company is what a record begins with.
    static func company(of file: consuming FileDescriptor) throws -> CompanyID {
        var reader = ByteReader(try file.readSpooled(0..<recordOffset + 8))
        guard try reader.raw(magic.count) == magic else {
            throw SpooledMessage.Damaged(description: "not a spool file")
        }
        _ = try reader.integer(UInt32.self)
        return CompanyID(rawValue: try reader.integer())
    }

    private static let frontLength = 4096

    static func lengths(tail: Int, head: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(UInt64(tail))
        writer.integer(UInt32(head))
        return writer.bytes
    }

    static func digest(record: [UInt8], head: [UInt8], lengths: [UInt8], tailDigest: [UInt8]) throws -> [UInt8] {
        try SHA256.digest(of: record + head + lengths + tailDigest)
    }
}
