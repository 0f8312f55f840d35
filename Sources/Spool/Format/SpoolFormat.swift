import Core
import Sealing

/// A spool file, all integers big-endian:
///
///     magic "LVSPOOL4" | u32 length of the preamble | preamble: header, dedupe key (32), raw size (u64),
///                        further dedupe keys (32 each, counted), host key id and signature (20 + 64, counted, or none),
///                        field that the marker was found in (counted, or none), time of spooling (i64, 0 for none),
///                        what came of forwarding (counted, or none), authentication (counted), labels (names with
///                        commas between them, counted), indices of correspondents (version and 16 bytes each, counted),
///                        learned ids (16 each, counted), candidate of an outside thread (i64, 0 for none)
///     tail | head
///     u64 length of tail | u32 length of head | digest (32) | "LVSPEND1"
///
/// The tail comes before the head because it is written while the message arrives. The preamble's length is known
/// then, what follows the header is not: room is left and filled at the end. The digest is
/// SHA-256(preamble | head | the two lengths | SHA-256(tail)); with the end record it tells a whole file from a cut one.
///
/// Files of older versions are read as well: the preamble ends after the size in version 1 ("LVSPOOL1"), after the
/// signature in version 2, and after what came of forwarding in version 3.
enum SpoolFormat {
    static let magic = Array("LVSPOOL4".utf8)
    static let end = Array("LVSPEND1".utf8)
    static let preambleOffset = 12
    static let trailerLength = 8 + 4 + 32 + 8

    /// The version of a file that begins with these 8 bytes; nil if it is none of ours.
    static func version(_ magic: [UInt8]) -> Int? {
        (1...4).first { magic == Array("LVSPOOL\($0)".utf8) }
    }

    static func preamble(_ header: SpoolHeader, _ seal: SpoolSeal) -> [UInt8] {
        precondition(!seal.dedupeKeys.isEmpty && seal.dedupeKeys.allSatisfy { $0.count == 32 })
        var writer = ByteWriter()
        header.write(to: &writer)
        writer.raw(seal.dedupeKeys[0])
        writer.integer(UInt64(seal.size))
        writer.lengthPrefixed(Array(seal.dedupeKeys.dropFirst().joined()))
        writer.lengthPrefixed(seal.origin.map { $0.keyID + $0.signature } ?? [])
        writer.lengthPrefixed((header.matched?.rawValue ?? "").utf8)
        writer.integer(seal.spooledAt?.milliseconds ?? 0)
        writer.lengthPrefixed((header.forwarded?.rawValue ?? "").utf8)
        header.writeConversation(to: &writer)
        return writer.bytes
    }

    /// Reads what `preamble` wrote, or an older version did.
    static func read(
        preamble: [UInt8], version: Int
    ) throws(ByteReader.Malformed) -> (header: SpoolHeader, seal: SpoolSeal) {
        var reader = ByteReader(preamble)
        var header = try SpoolHeader(from: &reader)
        var seal = try SpoolSeal(from: &reader, version: version)
        if version > 2 {
            let matched = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
            header.matched = MarkerField(rawValue: matched)
            guard header.matched != nil || matched.isEmpty else { throw ByteReader.Malformed() }
            let spooledAt = Timestamp(milliseconds: try reader.integer())
            guard Timestamp.supported.contains(spooledAt) else { throw ByteReader.Malformed() }
            if spooledAt.milliseconds > 0 { seal.spooledAt = spooledAt }
            let forwarded = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
            header.forwarded = Forwarded(rawValue: forwarded)
            guard header.forwarded != nil || forwarded.isEmpty else { throw ByteReader.Malformed() }
        }
        if version > 3 {
            try header.readConversation(from: &reader)
        } else {
            header.guessCorrespondents()
        }
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
        return (header, seal)
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
