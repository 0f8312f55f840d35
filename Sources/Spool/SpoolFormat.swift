import Core
import Sealing

/// A spool file, all integers big-endian:
///
///     magic "LVSPOOL2" | u32 length of the preamble | preamble: header, dedupe key (32), raw size (u64),
///                        further dedupe keys (32 each, counted), host key id and signature (20 + 64, counted, or none)
///     tail | head
///     u64 length of tail | u32 length of head | digest (32) | "LVSPEND1"
///
/// The tail comes before the head because it is written while the message arrives. The preamble's length is known
/// then, what follows the header is not: room is left and filled at the end. The digest is
/// SHA-256(preamble | head | the two lengths | SHA-256(tail)); with the end record it tells a whole file from a cut one.
///
/// Files of version 1 ("LVSPOOL1") end their preamble after the size. They are read as well.
enum SpoolFormat {
    static let magic = Array("LVSPOOL2".utf8)
    static let magicOfVersion1 = Array("LVSPOOL1".utf8)
    static let end = Array("LVSPEND1".utf8)
    static let preambleOffset = 12
    static let trailerLength = 8 + 4 + 32 + 8

    static func preamble(_ header: SpoolHeader, _ seal: SpoolSeal) -> [UInt8] {
        precondition(!seal.dedupeKeys.isEmpty && seal.dedupeKeys.allSatisfy { $0.count == 32 })
        var writer = ByteWriter()
        header.write(to: &writer)
        writer.fixed(seal.dedupeKeys[0])
        writer.integer(UInt64(seal.size))
        writer.counted(Array(seal.dedupeKeys.dropFirst().joined()))
        writer.counted(seal.origin.map { $0.keyID + $0.signature } ?? [])
        return writer.bytes
    }

    static func lengths(tail: Int, head: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(UInt64(tail))
        writer.integer(UInt32(head))
        return writer.bytes
    }

    static func digest(preamble: [UInt8], head: [UInt8], lengths: [UInt8], tailDigest: [UInt8]) throws -> [UInt8] {
        try SHA256.digest(of: preamble + head + lengths + tailDigest)
    }
}
