public import Core
public import Sealing
public import Spool

/// A message whose marker holds, while it is sealed chunk by chunk: makes all that is stored of it, and keeps none of
/// its content. Used by one thread at a time. Once a call has thrown, what was sealed so far is worthless.
public struct CaptureSealer: ~Copyable {
    public let header: SpoolHeader
    /// Bytes of the raw message so far: header section, empty line, body.
    public private(set) var size = 0

    private let fields: HeaderSection
    /// The one in use first.
    private let indexKeys: [Routing.IndexKey]
    private let signingKey: SigningKey?
    /// Of a message that is on the timeline since it was sent.
    private let sentKey: [UInt8]?
    private let binding: Binding
    private var sealer: MessageSealer
    private var bodyDigest: SHA256

    /// `header` was made from the same fields, for the same company and recipients. Without a signing key the message
    /// will be unsigned.
    public init(
        _ header: SpoolHeader, of company: Routing.Company, recipients: [SealingKey], fields: HeaderSection,
        signingKey: SigningKey?
    ) throws {
        let binding = Binding(
            message: header.entry, company: header.company, thread: header.thread, time: header.acceptedAt)
        let sentKey = header.direction == .inbound ? nil : try EntryToken.dedupeKey(of: fields, company: company)
        let digest = try SHA256()
        let sealer = try MessageSealer(binding: binding, recipients: recipients)
        self.binding = binding
        self.sealer = sealer
        bodyDigest = digest
        indexKeys = company.indexKeys
        self.sentKey = sentKey
        self.header = header
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
        public let size: Int
        public let dedupeKeys: [[UInt8]]
        fileprivate let binding: Binding
        fileprivate let signingKey: SigningKey?

        /// What is known of it with the SHA-256 of the whole tail.
        public func seal(tailDigest: [UInt8]) throws -> SpoolSeal {
            SpoolSeal(
                dedupeKeys: dedupeKeys, size: size,
                origin: try signingKey?.signOrigin(of: binding, tailDigest: tailDigest), spooledAt: .now())
        }
    }

    /// Appends the end of the tail.
    public consuming func finish(into ciphertext: inout [UInt8]) throws -> Sealed {
        let (fields, indexKeys, sentKey, size) = (fields, indexKeys, sentKey, size)
        let (binding, signingKey) = (binding, signingKey)
        let bodyDigest = try bodyDigest.finish()
        var dedupeKeys = try indexKeys.map { try $0.dedupeKey(header: fields, bodyDigest: bodyDigest) }
        if let sentKey { dedupeKeys.append(sentKey) }
        return Sealed(
            head: try sealer.finish(into: &ciphertext), size: size, dedupeKeys: dedupeKeys, binding: binding,
            signingKey: signingKey)
    }
}
