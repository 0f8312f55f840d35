public import Core

/// The HMAC inputs of indices and dedupe keys, for a caller without the key, who has the database compute the HMACs.
public enum IndexInput {
    public static func address(_ address: Address) -> [UInt8] { Array("addr".utf8) + address.text.utf8 }

    public static func messageID(_ messageID: [UInt8]) -> [UInt8] { Array("msgid".utf8) + messageID }

    /// A message's Message-ID, Date and From fields and its body. Trace fields are left out.
    ///
    /// "dedupe" | for each of the three names: number of fields, then length and bytes of each unfolded value (numbers
    /// and lengths 32-bit big-endian) | SHA-256 of the body.
    public static func mail(header: HeaderSection, bodyDigest: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw("dedupe".utf8)
        for name in ["Message-ID", "Date", "From"] {
            let values = header.unfolded(name)
            writer.integer(UInt32(values.count))
            for value in values { writer.lengthPrefixed(value) }
        }
        writer.raw(bodyDigest)
        return writer.bytes
    }
}
