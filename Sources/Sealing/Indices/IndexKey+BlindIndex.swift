public import Core

/// Blind indices: keyed digests with which the database finds values that it cannot read. Each kind of value has its
/// own tag, so equal values of different kinds have different indices.
extension Routing.IndexKey {
    /// Length of an index in bytes. A dedupe key is longer, since two messages must never share one.
    public static let indexLength = 16

    /// The index of a mail address, taken from its normal form.
    public func addressIndex(_ address: Address) throws(CryptoError) -> [UInt8] {
        try index(IndexInput.address(address))
    }

    /// The index of a Message-ID without angle brackets and blanks, as `MessageIDList` reads it.
    public func messageIDIndex(_ messageID: [UInt8]) throws(CryptoError) -> [UInt8] {
        try index(IndexInput.messageID(messageID))
    }

    /// The index, 16 bytes, under which a message's id is learned for its thread: the Message-ID's index XORed with the
    /// address index of one outside party of the message. A later message that names the id is recognised only if that
    /// party is its author, an envelope recipient, or in To or Cc.
    public static func learnedIndex(messageIDIndex: [UInt8], partyIndex: [UInt8]) -> [UInt8] {
        zip(messageIDIndex, partyIndex).map { $0 ^ $1 }
    }

    /// The thread that an external system's marker stands for, for one candidate: a positive number, the same on every
    /// host.
    ///
    /// The first 63 bits of HMAC("outside" | candidate (8, big-endian; 0 if nil) | id).
    public func externalThread(_ id: [UInt8], candidate: CandidateID?) throws(CryptoError) -> ThreadID {
        var writer = ByteWriter()
        writer.raw("outside".utf8)
        writer.integer(candidate?.rawValue ?? 0)
        writer.raw(id)
        let code = try HMACKey(key).authenticationCode(for: writer.bytes)
        let number = code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } >> 1
        return ThreadID(rawValue: max(1, Int64(number)))
    }

    /// The key, 32 bytes, by which the same mail is recognised in a thread wherever it is seen; `bodyDigest` is a
    /// `BodyDigest`.
    public func dedupeKey(
        thread: ThreadID, header: HeaderSection, bodyDigest: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try HMACKey(key).authenticationCode(
            for: IndexInput.mail(thread: thread, header: header, bodyDigest: bodyDigest))
    }

    /// The index that copies of one message share, however servers rewrote them. Nil without a Message-ID.
    public func copyIndex(header: HeaderSection) throws(CryptoError) -> [UInt8]? {
        guard let input = IndexInput.copy(header: header) else { return nil }
        return try index(input)
    }

    private func index(_ input: [UInt8]) throws(CryptoError) -> [UInt8] {
        Array(try HMACKey(key).authenticationCode(for: input).prefix(Self.indexLength))
    }
}
