public import Core
import Glibc
import Sealing
import System

/// A complete spool file, opened to be delivered. The tail stays on disk and is read in parts.
public final class SpooledMessage {
    public let record: MessageRecord
    public let head: [UInt8]
    public let tailLength: Int

    /// Bytes of the raw message.
    public var size: Int { record.size! }

    private let file: FileDescriptor
    private let tailOffset: Int
    private let recordBytes: [UInt8]
    private let lengths: [UInt8]
    private let digest: [UInt8]

    /// A file that does not have the format, or not all of it.
    public struct Damaged: Error, CustomStringConvertible {
        public let description: String
    }

    convenience init(path: String) throws {
        guard let file = try FileDescriptor.spooled(path) else {
            throw SpoolError(SystemError("open", path, ENOENT))
        }
        try self.init(file)
    }

    /// Checks structure and lengths; `verify` checks the digest as well.
    init(_ file: consuming FileDescriptor) throws {
        let size = try SpoolError.wrapping(file.size())
        guard size >= SpoolFormat.recordOffset + SpoolFormat.trailerLength else {
            throw Damaged(description: "the file is cut short")
        }
        var trailer = ByteReader(try file.readSpooled(size - SpoolFormat.trailerLength..<size))
        var front = ByteReader(try file.readSpooled(0..<SpoolFormat.recordOffset))
        guard try front.raw(8) == SpoolFormat.magic else {
            throw Damaged(description: "not a spool file")
        }
        let recordLength = Int(try front.integer(UInt32.self))
        lengths = try trailer.raw(12)
        digest = try trailer.raw(32)
        guard try trailer.raw(8) == SpoolFormat.end else { throw Damaged(description: "the end record is missing") }

        var reader = ByteReader(lengths)
        let tail = try reader.integer(UInt64.self)
        let headLength = Int(try reader.integer(UInt32.self))
        let room = size - SpoolFormat.recordOffset - SpoolFormat.trailerLength - recordLength - headLength
        guard room >= 0, tail == UInt64(room) else { throw Damaged(description: "the lengths do not add up") }
        tailLength = room
        tailOffset = SpoolFormat.recordOffset + recordLength

        recordBytes = try file.readSpooled(SpoolFormat.recordOffset..<tailOffset)
        head = try file.readSpooled(tailOffset + room..<tailOffset + room + headLength)
        do {
            record = try SpoolFormat.record(recordBytes)
        } catch {
            throw Damaged(description: "the record is damaged")
        }
        self.file = file
    }

    /// Reads the whole file once and compares its digest.
    public func verify() throws {
        var hash = try SHA256()
        var position = 0
        while position < tailLength {
            let range = position..<min(position + 1 << 20, tailLength)
            try hash.update(readTail(range))
            position = range.upperBound
        }
        let found = try SpoolFormat.digest(
            record: recordBytes, head: head, lengths: lengths, tailDigest: hash.finish())
        guard found == digest else { throw Damaged(description: "the digest does not match the content") }
    }

    /// A part of the tail.
    public func readTail(_ range: Range<Int>) throws(SpoolError) -> [UInt8] {
        precondition(range.upperBound <= tailLength)
        return try file.readSpooled(tailOffset + range.lowerBound..<tailOffset + range.upperBound)
    }
}
