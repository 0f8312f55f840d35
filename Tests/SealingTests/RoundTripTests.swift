import Core
import Sealing
import Testing
import Unsealing

@Suite struct RoundTripTests {
    static let sizes = [0, 1, 10 << 10, 1 << 20, 25 << 20]

    @Test(arguments: sizes, [[KeyPair.one], [KeyPair.one, .two]])
    func `a sealed message opens with our opener, stock openssl and the CMS API, for each recipient`(
        size: Int, recipients: [KeyPair]
    ) throws {
        let content = try randomBytes(size)
        let sealed = try SealedMessage(
            sealing: content, binding: .sample, recipients: recipients.map(\.sealingKey))
        #expect(sealed.tail.count == Binding.length + size + 18)
        for key in recipients {
            #expect(same(try Opener.open(sealed, with: key.privateKey, expecting: .sample), content))
            #expect(same(try StockOpenSSL.open(sealed.file, with: key), Binding.sample.bytes + content))
            #expect(same(try CMSAPI.open(sealed.file, with: key), Binding.sample.bytes + content))
        }
    }

    @Test func `a message can be sealed to many keys`() throws {
        let recipients = try (0..<40).map { _ in try PrivateKey.generate() }
        let content = try randomBytes(100)
        let sealed = try SealedMessage(
            sealing: content, binding: .sample,
            recipients: recipients.map { try SealingKey(subjectPublicKeyInfo: $0.subjectPublicKeyInfo) })
        #expect(try Set(Opener.recipients(of: sealed.head)) == Set(recipients.map(\.keyID)))
        for key in recipients {
            #expect(same(try Opener.open(sealed, with: key, expecting: .sample), content))
        }
    }

    @Test(arguments: [[], [0], [1], [15, 1, 0, 17], [65_535, 65_536, 1], Array(repeating: 7, count: 1000)])
    func `chunks of any size seal one message`(chunks: [Int]) throws {
        let content = try randomBytes(chunks.reduce(0, +))
        var sealer = try MessageSealer(binding: .sample, recipients: [KeyPair.one.sealingKey])
        var tail: [UInt8] = []
        var position = 0
        for chunk in chunks {
            var piece: [UInt8] = []
            try content[position..<position + chunk].withUnsafeBytes { try sealer.seal($0, into: &piece) }
            tail += piece
            position += chunk
        }
        let head = try sealer.finish(into: &tail)
        let sealed = SealedMessage(head: head, tail: tail)
        #expect(same(try Opener.open(sealed, with: KeyPair.one.privateKey, expecting: .sample), content))
        #expect(same(try StockOpenSSL.open(sealed.file, with: .one), Binding.sample.bytes + content))
    }

    @Test(arguments: sizes)
    func `the file is the DER that libcrypto would write`(size: Int) throws {
        let sealed = try SealedMessage(
            sealing: try randomBytes(size), binding: .sample,
            recipients: [KeyPair.one.sealingKey, KeyPair.two.sealingKey])
        #expect(same(try CMSAPI.reencoded(sealed.file), sealed.file))
    }

    @Test(arguments: sizes, [[KeyPair.one], [KeyPair.one, .two]])
    func `our opener opens a message sealed by stock openssl with the same parameters`(
        size: Int, recipients: [KeyPair]
    ) throws {
        let content = try randomBytes(size)
        let file = try StockOpenSSL.seal(Binding.sample.bytes + content, to: recipients)
        let sealed = SealedMessage(file: file, contentLength: size)
        for key in recipients {
            #expect(same(try Opener.open(sealed, with: key.privateKey, expecting: .sample), content))
        }
    }

    @Test func `no two messages share a key, a nonce or an ephemeral key`() throws {
        let heads = try (0..<100).map { _ in
            try SealedHead(
                SealedMessage(sealing: [1], binding: .sample, recipients: [KeyPair.one.sealingKey]).head)
        }
        #expect(Set(heads.map(\.nonce)).count == 100)
        #expect(Set(heads.map { $0.recipients[0].ephemeralPoint }).count == 100)
        #expect(Set(heads.map { $0.recipients[0].wrappedKey }).count == 100)
    }

    @Test func `each recipient of a message gets an ephemeral key of its own`() throws {
        let sealed = try SealedMessage(
            sealing: [], binding: .sample, recipients: [KeyPair.one.sealingKey, KeyPair.two.sealingKey])
        #expect(try Set(SealedHead(sealed.head).recipients.map(\.ephemeralPoint)).count == 2)
    }

    @Test func `sealing to no recipient is refused`() {
        #expect(throws: CryptoError.self) { _ = try MessageSealer(binding: .sample, recipients: []) }
    }
}
