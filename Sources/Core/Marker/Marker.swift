/// The signed message id that marks a thread: `<lv1.PAYLOAD@MARKER-DOMAIN>`.
///
/// PAYLOAD is lowercase unpadded base32 of: key id (1 byte), company id (8), thread id (8), nonce (4), MAC (16), all
/// big-endian. This type knows the form alone; whether the MAC is right is the question of who holds the key.
public struct Marker: Hashable, Sendable {
    /// Which of the company's marker keys made the MAC.
    public let keyID: UInt8
    public let company: CompanyID
    public let thread: ThreadID
    public let nonce: UInt32
    /// 16 bytes: the first of HMAC-SHA256(company's marker key, `signedBytes`).
    public let mac: [UInt8]
    /// In lower case.
    public let domain: String

    static let form = SignedText(prefix: "lv1.", fieldLength: 21)

    /// A new marker; `authenticate` returns the HMAC-SHA256 of the bytes it is given.
    public init<E: Error>(
        keyID: UInt8, company: CompanyID, thread: ThreadID, nonce: UInt32, domain: String,
        authenticate: ([UInt8]) throws(E) -> [UInt8]
    ) throws(E) {
        let domain = domain.lowercased()
        let bytes = Self.signedBytes(keyID: keyID, company: company, thread: thread, nonce: nonce, domain: domain)
        self.init(
            keyID: keyID, company: company, thread: thread, nonce: nonce,
            mac: Array(try authenticate(bytes).prefix(SignedText.macLength)), domain: domain)
    }

    private init(keyID: UInt8, company: CompanyID, thread: ThreadID, nonce: UInt32, mac: [UInt8], domain: String) {
        self.keyID = keyID
        self.company = company
        self.thread = thread
        self.nonce = nonce
        self.mac = mac
        self.domain = domain
    }

    /// Reads a message id, without its angle brackets. Nil unless it has a marker's form and one of the marker
    /// domains, which are given in lower case. Letters of either case are read: some mail systems change it.
    public init?(messageID: [UInt8], domains: [String]) {
        guard let at = messageID.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        guard let (fields, mac) = Self.form.decode(messageID[..<at]) else { return nil }

        let domain = String(decoding: messageID[(at + 1)...].lazy.map(\.asciiLowercased), as: UTF8.self)
        guard domains.contains(domain) else { return nil }

        var reader = ByteReader(fields)
        guard let keyID = try? reader.integer(UInt8.self),
            let company = try? reader.integer(Int64.self), company > 0,
            let thread = try? reader.integer(Int64.self), thread > 0,
            let nonce = try? reader.integer(UInt32.self), reader.isAtEnd
        else { return nil }
        self.init(
            keyID: keyID, company: CompanyID(rawValue: company), thread: ThreadID(rawValue: thread), nonce: nonce,
            mac: mac, domain: domain)
    }

    /// What the MAC is made of: `lv1`, the 21 bytes before it, the marker domain in lower case.
    public var signedBytes: [UInt8] {
        Self.signedBytes(keyID: keyID, company: company, thread: thread, nonce: nonce, domain: domain)
    }

    /// The message id, angle brackets included.
    public var messageID: String {
        let fields = Self.fields(keyID: keyID, company: company, thread: thread, nonce: nonce).bytes
        return "<\(Self.form.encode(fields, mac: mac))@\(domain)>"
    }

    private static func fields(keyID: UInt8, company: CompanyID, thread: ThreadID, nonce: UInt32) -> ByteWriter {
        var writer = ByteWriter()
        writer.integer(keyID)
        writer.integer(company.rawValue)
        writer.integer(thread.rawValue)
        writer.integer(nonce)
        return writer
    }

    private static func signedBytes(
        keyID: UInt8, company: CompanyID, thread: ThreadID, nonce: UInt32, domain: String
    ) -> [UInt8] {
        Array("lv1".utf8) + fields(keyID: keyID, company: company, thread: thread, nonce: nonce).bytes
            + Array(domain.utf8)
    }
}
