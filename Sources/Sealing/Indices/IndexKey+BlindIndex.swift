public import Core

/// Blind indices: keyed digests by which the database finds what it cannot read. Each kind has its own tag, so that
/// equal values of two kinds have unequal indices.
extension Routing.IndexKey {
    /// Bytes of an index; a dedupe key is longer, since two mails must never share one.
    public static let indexLength = 16

    /// For a mail address without angle brackets. ASCII letters of either case give one index.
    public func addressIndex(_ address: String) throws(CryptoError) -> [UInt8] {
        try index(IndexInput.address(address))
    }

    /// For a Message-ID without angle brackets and blanks, as `MessageIDList` reads it.
    public func messageIDIndex(_ messageID: [UInt8]) throws(CryptoError) -> [UInt8] {
        try index(IndexInput.messageID(messageID))
    }

    /// By which a message's id is known to belong to a thread, 16 bytes: the Message-ID's index; of a message from outside,
    /// with that of its sender in it (exclusive or), so that whoever names the id must write to or be that sender.
    public static func learnedIndex(messageIDIndex: [UInt8], senderIndex: [UInt8]?) -> [UInt8] {
        guard let senderIndex else { return messageIDIndex }
        return zip(messageIDIndex, senderIndex).map { $0 ^ $1 }
    }

    /// The thread that an outside system's marker stands for, of one candidate: a positive number, the same on every host.
    ///
    /// The first 63 bits of HMAC of "outside" | candidate (8, big-endian; 0 where there is none) | the id.
    public func externalThread(_ id: [UInt8], candidate: CandidateID?) throws(CryptoError) -> ThreadID {
        var writer = ByteWriter()
        writer.raw("outside".utf8)
        writer.integer(candidate?.rawValue ?? 0)
        writer.raw(id)
        let code = try HMACKey(key).authenticationCode(for: writer.bytes)
        let number = code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } >> 1
        return ThreadID(rawValue: max(1, Int64(number)))
    }

    /// What makes a mail the same mail wherever it is seen, 32 bytes.
    public func dedupeKey(header: HeaderSection, bodyDigest: [UInt8]) throws(CryptoError) -> [UInt8] {
        try HMACKey(key).authenticationCode(for: IndexInput.mail(header: header, bodyDigest: bodyDigest))
    }

    private func index(_ input: [UInt8]) throws(CryptoError) -> [UInt8] {
        Array(try HMACKey(key).authenticationCode(for: input).prefix(Self.indexLength))
    }
}

/// What indices and dedupe keys are the HMACs of, for whoever has somebody else make them.
public enum IndexInput {
    public static func address(_ address: String) -> [UInt8] {
        Array("addr".utf8) + address.utf8.map(\.asciiLowercased)
    }

    public static func messageID(_ messageID: [UInt8]) -> [UInt8] { Array("msgid".utf8) + messageID }

    /// A mail's Message-ID, Date and From fields and its body. Trace fields have no part in it.
    ///
    /// "dedupe" | for each of the three names: number of fields, then length and bytes of each unfolded value (numbers and
    /// lengths 32-bit big-endian) | SHA-256 of the body.
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
