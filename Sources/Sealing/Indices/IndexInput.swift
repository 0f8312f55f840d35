public import Core

/// The HMAC inputs of indices and dedupe keys.
public enum IndexInput {
    public static func address(_ address: Address) -> [UInt8] { Array("addr".utf8) + address.text.utf8 }

    public static func messageID(_ messageID: [UInt8]) -> [UInt8] { Array("msgid".utf8) + messageID }

    /// What makes two mails of a thread the same: the fields that say who wrote what to whom and how the body is read,
    /// and the body. Trace fields are left out.
    ///
    /// "dedupe" | thread (8) | for each name of `textFields`, then of `bodyFields`: number of fields, then length and
    /// bytes of each value | length and bytes of the author's address (numbers and lengths 32-bit big-endian) | the
    /// `BodyDigest`. Values of `textFields` are without the bytes that the digest leaves out; those of `bodyFields`,
    /// where a blank may decide what a reader sees, are unfolded alone.
    public static func mail(thread: ThreadID, header: HeaderSection, bodyDigest: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw("dedupe".utf8)
        writer.integer(thread.rawValue)
        for name in textFields { writer.values(header.values(name).map(squeezed)) }
        for name in bodyFields { writer.values(header.values(name).map(unfolded)) }
        writer.lengthPrefixed((header.author?.text ?? "").utf8)
        writer.raw(bodyDigest)
        return writer.bytes
    }

    static let textFields = ["Message-ID", "Date", "From", "Subject", "To", "Cc"]
    static let bodyFields = [
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "Content-ID",
    ]

    /// What copies of one message share even if a server rewrote body or subject: "copy" | length and bytes of
    /// Message-ID, Date and the author's address, values as those of `textFields` above. Nil without a Message-ID.
    public static func copy(header: HeaderSection) -> [UInt8]? {
        guard let messageID = header.values("Message-ID").first.map(squeezed), !messageID.isEmpty else { return nil }
        var writer = ByteWriter()
        writer.raw("copy".utf8)
        writer.lengthPrefixed(messageID)
        writer.lengthPrefixed(header.values("Date").first.map(squeezed) ?? [])
        writer.lengthPrefixed((header.author?.text ?? "").utf8)
        return writer.bytes
    }

    private static func squeezed(_ value: ArraySlice<UInt8>) -> [UInt8] { value.filter(BodyDigest.counts) }

    /// Without the CR LF of folds, and without blanks at the ends (RFC 5322 section 2.2.3). A CR alone stays.
    private static func unfolded(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(value.count)
        for byte in value {
            if byte == UInt8(ascii: "\n"), text.last == UInt8(ascii: "\r") {
                text.removeLast()
            } else {
                text.append(byte)
            }
        }
        while let last = text.last, last.isBlank { text.removeLast() }
        return Array(text.drop { $0.isBlank })
    }
}

extension ByteWriter {
    fileprivate mutating func values(_ values: [[UInt8]]) {
        integer(UInt32(values.count))
        for value in values { lengthPrefixed(value) }
    }
}
