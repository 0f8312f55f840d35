public import Core
public import Sealing

/// A message whose marker holds, while it is sealed chunk by chunk: makes all that is stored of it, and keeps none of
/// its content. Used by one thread at a time. Once a call has thrown, what was sealed so far is worthless.
public struct CaptureSealer: ~Copyable {
    public let record: MessageRecord
    /// Bytes of the raw message so far: header section, empty line, body.
    public private(set) var size = 0

    private let fields: HeaderSection
    /// The one in use first.
    private let indexKeys: [Routing.IndexKey]
    private let signingKey: SigningKey?
    /// Of a message that is on the timeline since it was sent.
    private let sentKey: [UInt8]?
    private var sealer: MessageSealer
    private var bodyDigest: BodyDigest

    /// `record` was made from the same fields, for the same company and recipients. Without a signing key the message
    /// will be unsigned.
    public init(
        _ record: MessageRecord, of company: Routing.Company, recipients: [SealingKey], fields: HeaderSection,
        signingKey: SigningKey?
    ) throws {
        let sentKey =
            record.direction == .inbound
            ? nil : try EntryToken.dedupeKey(of: fields, in: record.thread, company: company)
        let digest = try BodyDigest()
        let sealer = try MessageSealer(binding: record.binding, recipients: recipients)
        self.sealer = sealer
        bodyDigest = digest
        indexKeys = company.indexKeys
        self.sentKey = sentKey
        self.record = record
        self.fields = fields
        self.signingKey = signingKey
    }

    public var dedupeKeyCount: Int { indexKeys.count + (sentKey == nil ? 0 : 1) }
    public var isSigned: Bool { signingKey != nil }

    /// Bytes of what the message begins with: the header section and the empty line after it.
    public var startSize: Int { fields.raw.count + 2 }

    /// Appends the header section and the empty line, sealed, to the tail that `ciphertext` is or is written to. To be
    /// called first.
    public mutating func sealStart(into ciphertext: inout [UInt8]) throws {
        try sealer.seal(fields.raw, into: &ciphertext)
        try sealer.seal("\r\n".utf8, into: &ciphertext)
        size += startSize
    }

    /// Appends the next part of the body, sealed.
    public mutating func body(_ chunk: UnsafeRawBufferPointer, into ciphertext: inout [UInt8]) throws {
        try bodyDigest.update(chunk)
        try sealer.seal(chunk, into: &ciphertext)
        size += chunk.count
    }

    /// A message that is sealed to its end.
    public struct Sealed {
        public let head: [UInt8]
        /// Without signature.
        fileprivate let unsigned: MessageRecord
        fileprivate let signingKey: SigningKey?

        /// The complete record, for the SHA-256 of the whole tail.
        public func record(tailDigest: [UInt8]) throws -> MessageRecord {
            var record = unsigned
            record.origin = try signingKey?.signOrigin(of: record.binding, tailDigest: tailDigest)
            return record
        }
    }

    /// Appends the end of the tail.
    public consuming func finish(into ciphertext: inout [UInt8]) throws -> Sealed {
        let (fields, indexKeys, sentKey, signingKey) = (fields, indexKeys, sentKey, signingKey)
        var record = record
        record.size = size
        let bodyDigest = try bodyDigest.finish()
        let mail = IndexInput.mail(thread: record.thread, header: fields, bodyDigest: bodyDigest)
        record.dedupeKeys = try indexKeys.map { try HMACKey($0.key).authenticationCode(for: mail) }
        if let sentKey { record.dedupeKeys.append(sentKey) }
        return Sealed(head: try sealer.finish(into: &ciphertext), unsigned: record, signingKey: signingKey)
    }
}
