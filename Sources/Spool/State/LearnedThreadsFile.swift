import Core
import Glibc
import Sealing
import System

/// The mail host's copy on disk of learned ids and known candidates, with which the daemon starts while the database is
/// unavailable. It can be rebuilt from the database at any time, so it is never synced. One thread at a time.
///
///     "LVLEARN1" | blocks: kind (1 byte), number (i64), length (u32), the content, and the first 8 bytes of SHA-256
///                  of the block up to here
///
/// A truncated or damaged block, and everything after it, counts as not written.
public struct LearnedThreadsFile: Sendable {
    public struct Block: Sendable {
        public enum Kind: UInt8, Sendable {
            /// The first block: its bytes are a text that identifies the database.
            case source = 0x53
            /// Learned indices with their threads, or address indices with their candidates, 16 bytes each.
            case threads = 0x54
            case candidates = 0x43
            /// All changes up to horizon `number` precede this block.
            case horizon = 0x48
        }

        public var kind: Kind
        public var number: Int64
        public var bytes: [UInt8]

        public init(_ kind: Kind, number: Int64 = 0, bytes: [UInt8] = []) {
            self.kind = kind
            self.number = number
            self.bytes = bytes
        }
    }

    public let path: String

    private static let magic = Array("LVLEARN1".utf8)
    /// Bytes of a block's frame.
    private static let frame = 1 + 8 + 4 + 8
    /// Maximum length of a block's content in bytes.
    private static let lengthLimit = 1 << 24

    public init(path: String) { self.path = path }

    /// Reads every intact block, in order. Returns false if there is no file of this format.
    public func read(_ take: (Block) -> Void) throws -> Bool {
        guard let file = try FileDescriptor.spooled(path) else { return false }
        let size = try file.size()
        guard size >= 8, try file.read(0..<8) == Self.magic else { return false }
        var offset = 8
        while let (block, end) = try Self.block(in: file, at: offset, size: size) {
            take(block)
            offset = end
        }
        return true
    }

    private static func block(
        in file: borrowing FileDescriptor, at offset: Int, size: Int
    ) throws -> (Block, end: Int)? {
        guard offset + frame <= size else { return nil }
        let start = try file.read(offset..<offset + 13)
        var reader = ByteReader(start)
        let kind = Block.Kind(rawValue: try reader.integer())
        let number: Int64 = try reader.integer()
        let length = Int(try reader.integer(UInt32.self))
        guard let kind, length <= lengthLimit, offset + frame + length <= size else { return nil }
        let bytes = try file.read(offset + 13..<offset + 13 + length)
        let end = offset + frame + length
        guard try file.read(end - 8..<end) == Array(SHA256.digest(of: start + bytes).prefix(8)) else { return nil }
        return (Block(kind, number: number, bytes: bytes), end)
    }

    /// Appends blocks.
    public func append(_ blocks: [Block]) throws {
        let file = try FileDescriptor(path, O_WRONLY)
        try file.write(Self.encoded(blocks), at: file.size())
    }

    /// Starts a new file that replaces this one on `commit`.
    public func rewrite() throws -> Rewriting { try Rewriting(self) }

    public struct Rewriting: ~Copyable {
        private let file: FileDescriptor
        private let target: LearnedThreadsFile
        private var size: Int

        fileprivate init(_ target: LearnedThreadsFile) throws {
            let file = try FileDescriptor(target.path + ".new", O_WRONLY | O_CREAT | O_TRUNC)
            try file.write(LearnedThreadsFile.magic, at: 0)
            self.file = file
            size = LearnedThreadsFile.magic.count
            self.target = target
        }

        public mutating func append(_ block: Block) throws {
            let bytes = try LearnedThreadsFile.encoded([block])
            try file.write(bytes, at: size)
            size += bytes.count
        }

        public consuming func commit() throws {
            guard rename(target.path + ".new", target.path) == 0 else {
                throw SystemError.last("rename", target.path + ".new")
            }
        }
    }

    private static func encoded(_ blocks: [Block]) throws -> [UInt8] {
        try blocks.flatMap { block in
            var writer = ByteWriter()
            writer.integer(block.kind.rawValue)
            writer.integer(block.number)
            writer.integer(UInt32(block.bytes.count))
            writer.raw(block.bytes)
            return writer.bytes + (try SHA256.digest(of: writer.bytes).prefix(8))
        }
    }
}
