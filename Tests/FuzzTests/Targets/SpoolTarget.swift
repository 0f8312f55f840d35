import Capture
import Core
import Glibc
import Sealing
import Store

@testable import Spool

/// The first byte says what the rest is: a raw file, or a record, a tail and a head that get the lengths and the
/// digest they need, which no search would find.
enum SpoolTarget {
    static func run(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        let rest = Array(input.dropFirst())
        try read(first & 1 == 0 ? rest : repaired(rest))
    }

    private static func read(_ file: [UInt8]) throws {
        let path = try AnonymousFile(file)
        let message: SpooledMessage
        do {
            message = try SpooledMessage(path: path.path)
            try message.verify()
        } catch is SpooledMessage.Damaged {
            return
        } catch is ByteReader.Malformed {
            return
        }

        let tail = try message.readTail(0..<message.tailLength)
        try require("a file has room for what was read from it", tail.count + message.head.count <= file.count)
        // What has several spellings was brought into one: text that is no UTF-8, labels in another order or twice.
        var again = ByteReader(SpoolFormat.bytes(of: message.record))
        try require("what is written again is read as the same", try MessageRecord(from: &again) == message.record)
        // On its way to the database.
        _ = message.record.acceptedAt.description
        try IngestTarget.check([IngestEntry(message)])
    }

    /// record (length-prefixed, 16-bit) | head (length-prefixed, 8-bit) | tail
    private static func repaired(_ input: [UInt8]) throws -> [UInt8] {
        var reader = ByteReader(input)
        guard let recordLength = try? reader.integer(UInt16.self),
            let record = try? reader.raw(min(Int(recordLength), input.count - 2)),
            let headLength = try? reader.integer(UInt8.self)
        else { return input }
        let content = Array(input.dropFirst(2 + record.count + 1))
        let head = Array(content.prefix(Int(headLength)))
        let tail = Array(content.dropFirst(head.count))
        let lengths = SpoolFormat.lengths(tail: tail.count, head: head.count)
        let digest = try SpoolFormat.digest(
            record: record, head: head, lengths: lengths, tailDigest: SHA256.digest(of: tail))
        var file = ByteWriter()
        file.raw(SpoolFormat.magic)
        file.lengthPrefixed(record)
        return file.bytes + tail + head + lengths + digest + SpoolFormat.end
    }
}

/// A file in memory as long as this object lives.
struct AnonymousFile: ~Copyable {
    private let descriptor: Int32
    let path: String

    init(_ bytes: [UInt8]) throws {
        var template = Array("/dev/shm/lever-fuzz.XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else { throw FuzzTarget.Broken(description: "no temporary file: \(errno)") }
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw FuzzTarget.Broken(description: "no room for a temporary file: \(errno)")
        }
    }

    deinit {
        unlink(path)
        close(descriptor)
    }
}
