public import Core
public import Sealing

/// What is known of a message at its end alone.
public struct SpoolSeal: Hashable, Sendable {
    /// 32 bytes each, one for each live index key; the first is that of the header's index version.
    public var dedupeKeys: [[UInt8]]
    /// Bytes of the raw message.
    public var size: Int
    /// What this host vouches for the message with; nil where it has no signing key.
    public var origin: OriginSignature?
    /// When it was whole, a moment before it was durable; nil in a file of version 2 or older.
    public var spooledAt: Timestamp?

    public init(dedupeKeys: [[UInt8]], size: Int, origin: OriginSignature?, spooledAt: Timestamp?) {
        self.dedupeKeys = dedupeKeys
        self.size = size
        self.origin = origin
        self.spooledAt = spooledAt
    }

    /// As long as the real one will be, when its values are not known yet.
    init(placeholderForDedupeKeys count: Int, isSigned: Bool) {
        dedupeKeys = Array(repeating: Array(repeating: 0, count: 32), count: count)
        size = 0
        origin =
            isSigned
            ? OriginSignature(keyID: Array(repeating: 0, count: 20), signature: Array(repeating: 0, count: 64)) : nil
    }

    init(from reader: inout ByteReader, version: Int) throws(ByteReader.Malformed) {
        dedupeKeys = [try reader.raw(32)]
        guard let size = Int(exactly: try reader.integer(UInt64.self)) else { throw ByteReader.Malformed() }
        self.size = size
        guard version > 1 else { return }
        dedupeKeys += try SpoolHeader.pieces(of: reader.lengthPrefixed(), length: 32)
        let signed = try reader.lengthPrefixed()
        guard signed.isEmpty || signed.count == 84 else { throw ByteReader.Malformed() }
        origin =
            signed.isEmpty ? nil : OriginSignature(keyID: Array(signed[..<20]), signature: Array(signed[20...]))
    }
}
