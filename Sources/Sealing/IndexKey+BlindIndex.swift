public import Core

/// Blind indices: keyed digests by which the database finds what it cannot read. Each kind has its own tag, so that
/// equal values of two kinds have unequal indices.
extension Routing.IndexKey {
    /// Bytes of an index; a dedupe key is longer, since two mails must never share one.
    public static let indexLength = 16

    /// For a mail address without angle brackets. ASCII letters of either case give one index.
    public func addressIndex(_ address: String) throws(CryptoError) -> [UInt8] {
        try index("addr", address.utf8.map(\.asciiLowercased))
    }

    /// For a Message-ID without angle brackets and blanks, as `MessageIDList` reads it.
    public func messageIDIndex(_ messageID: [UInt8]) throws(CryptoError) -> [UInt8] {
        try index("msgid", messageID)
    }

    /// What makes a mail the same mail wherever it is seen, 32 bytes: its Message-ID, Date and From fields and its
    /// body. Trace fields have no part in it.
    ///
    /// HMAC of "dedupe" | for each of the three names: number of fields, then length and bytes of each unfolded value
    /// (numbers and lengths 32-bit big-endian) | SHA-256 of the body.
    public func dedupeKey(header: HeaderSection, bodyDigest: [UInt8]) throws(CryptoError) -> [UInt8] {
        var writer = ByteWriter()
        writer.fixed("dedupe".utf8)
        for name in ["Message-ID", "Date", "From"] {
            let values = header.unfolded(name)
            writer.integer(UInt32(values.count))
            for value in values { writer.counted(value) }
        }
        writer.fixed(bodyDigest)
        return try HMACKey(key).authenticationCode(for: writer.bytes)
    }

    private func index(_ tag: String, _ value: [UInt8]) throws(CryptoError) -> [UInt8] {
        Array(try HMACKey(key).authenticationCode(for: Array(tag.utf8) + value).prefix(Self.indexLength))
    }
}
