import Core
import Glibc
import Sealing
import TestSupport
import Unsealing

/// A company's key pair, and its private half as a file that stock openssl reads.
final class KeyPair: Sendable {
    let privateKey: PrivateKey
    let sealingKey: SealingKey
    let file: String
    /// A certificate of this key whose subject key identifier is our key id, for `openssl cms -encrypt`.
    let certificate: String
    private let directory: TemporaryDirectory

    private init() throws {
        privateKey = try .generate()
        sealingKey = try SealingKey(subjectPublicKeyInfo: privateKey.subjectPublicKeyInfo)
        directory = try TemporaryDirectory("sealing")
        let encrypted = try directory.write("encrypted.pem", privateKey.pem(passphrase: Array("x".utf8)), mode: 0o600)
        file = directory.file("key.pem")
        try Command.check(["openssl", "pkey", "-in", encrypted, "-passin", "pass:x", "-out", file])
        certificate = directory.file("certificate.pem")
        try Command.check([
            "openssl", "req", "-x509", "-new", "-key", file, "-subj", "/CN=test", "-out", certificate,
            "-addext", "subjectKeyIdentifier=\(privateKey.keyID.hex)",
        ])
    }

    static let one = try! KeyPair()
    static let two = try! KeyPair()
    static let three = try! KeyPair()
}

extension Binding {
    static let sample = Binding(
        message: EntryID("01234567-89ab-7def-8123-456789abcdef")!, company: CompanyID(rawValue: 7),
        thread: ThreadID(rawValue: 0x0102_0304_0506_0708), time: Timestamp(milliseconds: 1_800_000_000_000))
}

extension SealedMessage {
    var file: [UInt8] { head + tail }

    /// Cuts a whole CMS file in two.
    init(file: [UInt8], contentLength: Int) {
        let tailLength = Binding.length + contentLength + 18
        self.init(head: Array(file.dropLast(tailLength)), tail: Array(file.suffix(tailLength)))
    }
}

enum StockOpenSSL {
    /// The PEM file that an openssl command writes.
    static func keyFile(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        Array(try Command.check(["openssl"] + arguments, input: input).utf8)
    }

    /// What `openssl cms -decrypt` makes of a file; nil if it refuses.
    static func open(_ file: [UInt8], with key: KeyPair) throws -> [UInt8]? {
        let command = try Command.run(
            ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", key.file], input: file)
        return command.status == 0 ? command.output : nil
    }

    /// Has `openssl cms -encrypt` make a file, with the parameters of ours unless told otherwise.
    static func seal(
        _ content: [UInt8], to keys: [KeyPair], cipher: String = "-aes-256-gcm",
        keyOptions: [String] = ["-wrap", "aes256-wrap", "-keyopt", "ecdh_kdf_md:sha256"]
    ) throws -> [UInt8] {
        let recipients = keys.flatMap { ["-recip", $0.certificate] + keyOptions }
        let command = try Command.run(
            ["openssl", "cms", "-encrypt", "-binary", "-outform", "DER", "-keyid", cipher] + recipients, input: content)
        guard command.status == 0 else { throw HarnessError("openssl cms -encrypt: \(command.errors)") }
        return command.output
    }
}

/// Whether the bytes are equal, without a description of megabytes where they are not.
func same(_ one: [UInt8]?, _ other: [UInt8]) -> Bool {
    guard let one else { return false }
    return one.count == other.count && memcmp(one, other, one.count) == 0
}
