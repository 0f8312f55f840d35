import Core
import Sealing
import TestSupport
import Testing

@Suite struct OriginTests {
    static let tailDigest = [UInt8](repeating: 0xd1, count: 32)
    private let key: SigningKey
    private let directory: TemporaryDirectory

    init() throws {
        key = try .generate()
        directory = try TemporaryDirectory("origin")
    }

    @Test func `the statement is the tag, the binding and the digest of the tail`() throws {
        let statement = Binding.sample.originStatement(tailDigest: Self.tailDigest)
        #expect(
            statement.hex == "4c565331" + "4c564d31" + "0000000000000007" + "0102030405060708"
                + "0123456789ab7def8123456789abcdef" + "000001a3185c5000"
                + String(repeating: "d1", count: 32))
        #expect(statement.count == 80)
    }

    @Test func `a host's verifying key confirms its signature again and again, and no other key does`() throws {
        let origin = try key.signOrigin(of: .sample, tailDigest: Self.tailDigest)
        #expect(origin.keyID == key.verifyingKey.keyID)
        #expect(origin.signature.count == VerifyingKey.signatureLength)
        #expect(key.verifyingKey.confirms(origin, of: .sample, tailDigest: Self.tailDigest))
        #expect(try key.signOrigin(of: .sample, tailDigest: Self.tailDigest) == origin)
        #expect(try !SigningKey.generate().verifyingKey.confirms(origin, of: .sample, tailDigest: Self.tailDigest))
    }

    @Test func `stock openssl verifies an origin from the statement alone`() throws {
        let origin = try key.signOrigin(of: .sample, tailDigest: Self.tailDigest)
        let statement = Binding.sample.originStatement(tailDigest: Self.tailDigest)
        try Command.check([
            "openssl", "pkeyutl", "-verify", "-rawin", "-pubin",
            "-inkey", try directory.write("key", key.verifyingKey.pem),
            "-sigfile", try directory.write("signature", origin.signature),
            "-in", try directory.write("statement", statement),
        ])
    }

    @Test(arguments: TamperingTests.otherBindings)
    func `an origin signature does not confirm another row`(row: Binding) throws {
        let origin = try key.signOrigin(of: .sample, tailDigest: Self.tailDigest)
        #expect(!key.verifyingKey.confirms(origin, of: row, tailDigest: Self.tailDigest))
    }

    @Test func `an origin signature does not confirm a tail that differs in one bit`() throws {
        let origin = try key.signOrigin(of: .sample, tailDigest: Self.tailDigest)
        for bit in 0..<Self.tailDigest.count * 8 {
            var other = Self.tailDigest
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!key.verifyingKey.confirms(origin, of: .sample, tailDigest: other))
        }
    }

    static let changes: [(String, @Sendable (inout OriginSignature) -> Void)] = [
        ("another key id", { $0.keyID[0] ^= 1 }),
        ("no key id", { $0.keyID = [] }),
        ("a key id cut short", { $0.keyID.removeLast() }),
        ("first bit of the signature", { $0.signature[0] ^= 1 }),
        ("last bit of the signature", { $0.signature[63] ^= 0x80 }),
        ("no signature", { $0.signature = [] }),
        ("a signature cut short", { $0.signature.removeLast() }),
        ("a signature drawn out", { $0.signature.append(0) }),
        ("zeros for a signature", { $0.signature = Array(repeating: 0, count: 64) }),
    ]

    @Test(arguments: changes.indices)
    func `a changed origin signature confirms nothing`(index: Int) throws {
        let (name, change) = Self.changes[index]
        var origin = try key.signOrigin(of: .sample, tailDigest: Self.tailDigest)
        change(&origin)
        #expect(!key.verifyingKey.confirms(origin, of: .sample, tailDigest: Self.tailDigest), "\(name)")
    }

    @Test func `a signature of the binding and digest without the tag confirms nothing`() throws {
        let signature = try key.sign(Binding.sample.bytes + Self.tailDigest)
        let origin = OriginSignature(keyID: key.verifyingKey.keyID, signature: signature)
        #expect(!key.verifyingKey.confirms(origin, of: .sample, tailDigest: Self.tailDigest))
    }
}
