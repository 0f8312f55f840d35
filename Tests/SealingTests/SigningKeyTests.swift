import CLibcrypto
import Core
import Sealing
import TestSupport
import Testing

@Suite struct SigningKeyTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("signing-key") }

    /// RFC 8032 section 7.1, tests 1 to 3.
    static let vectors = [
        (
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", message: "",
            signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
                + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", message: "72",
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    @Test(arguments: vectors.indices)
    func `signatures match the test vectors of RFC 8032`(index: Int) throws {
        let vector = Self.vectors[index]
        let (seed, message) = (try #require([UInt8](hex: vector.seed)), try #require([UInt8](hex: vector.message)))
        let der = try #require([UInt8](hex: "302e020100300506032b657004220420")) + seed
        let pem = try StockOpenSSL.keyFile(["pkey", "-inform", "DER"], input: der)
        let key = try SigningKey(pem: pem)
        #expect(key.pem == pem)
        #expect(key.verifyingKey.bytes.hex == vector.publicKey)
        #expect(try key.sign(message).hex == vector.signature)

        let publicKey = try #require(VerifyingKey(bytes: key.verifyingKey.bytes))
        #expect(publicKey == key.verifyingKey)
        #expect(publicKey.isValid(try #require([UInt8](hex: vector.signature)), of: message))
    }

    /// openssl pkeyutl refuses an empty message; the first of the vectors is one.
    static let sizes = [1, 80, 100_000]

    @Test(arguments: sizes)
    func `stock openssl verifies a signature made here with its own key`(size: Int) throws {
        let pem = try StockOpenSSL.keyFile(["genpkey", "-algorithm", "ed25519"])
        let key = try SigningKey(pem: pem)
        #expect(key.pem == pem)
        let publicFile = try StockOpenSSL.keyFile(["pkey", "-pubout"], input: pem)
        #expect(key.verifyingKey.pem == publicFile)
        #expect(try VerifyingKey(pem: publicFile) == key.verifyingKey)

        let message = try randomBytes(size)
        #expect(try stockVerifies(try key.sign(message), of: message, with: publicFile))
        #expect(try !stockVerifies(try key.sign(message), of: message + [0], with: publicFile))
    }

    @Test(arguments: sizes)
    func `a signature by stock openssl with a key made here verifies here`(size: Int) throws {
        let key = try SigningKey.generate()
        let file = try directory.write("key.pem", key.pem)
        let message = try randomBytes(size)
        let signed = try Command.run([
            "openssl", "pkeyutl", "-sign", "-rawin", "-inkey", file, "-in", try directory.write("message", message),
        ])
        #expect(signed.status == 0, "\(signed.errors)")
        #expect(key.verifyingKey.isValid(signed.output, of: message))
        #expect(try key.sign(message) == signed.output)
        #expect(try StockOpenSSL.keyFile(["pkey", "-pubout"], input: key.pem) == key.verifyingKey.pem)
    }

    private func stockVerifies(_ signature: [UInt8], of message: [UInt8], with publicFile: [UInt8]) throws -> Bool {
        let files = try [("key", publicFile), ("signature", signature), ("message", message)].map {
            try directory.write($0.0, $0.1)
        }
        return try Command.run([
            "openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", files[0], "-sigfile", files[1], "-in",
            files[2],
        ]).status == 0
    }

    @Test func `a key file is read back, and no two keys are the same`() throws {
        let (key, other) = (try SigningKey.generate(), try SigningKey.generate())
        #expect(try SigningKey(pem: key.pem).verifyingKey == key.verifyingKey)
        #expect(try SigningKey(pem: key.pem).sign([1]) == key.sign([1]))
        #expect(try VerifyingKey(pem: key.verifyingKey.pem) == key.verifyingKey)
        #expect(other.verifyingKey != key.verifyingKey)
        #expect(other.verifyingKey.keyID != key.verifyingKey.keyID)
    }

    @Test func `the key id is the truncated SHA-256 of the public key`() throws {
        let key = try SigningKey.generate().verifyingKey
        #expect(key.keyID == Array(try Sealing.SHA256.digest(of: key.bytes).prefix(20)))
    }

    @Test func `a flipped bit anywhere in signature, message or key makes the signature invalid`() throws {
        let key = try SigningKey.generate()
        let message = Array("a message of a row".utf8)
        let signature = try key.sign(message)
        #expect(key.verifyingKey.isValid(signature, of: message))
        for changed in flips(of: signature) { #expect(!key.verifyingKey.isValid(changed, of: message)) }
        for changed in flips(of: message) { #expect(!key.verifyingKey.isValid(signature, of: changed)) }
        for changed in flips(of: key.verifyingKey.bytes) {
            let changedKey = try #require(VerifyingKey(bytes: changed))
            #expect(!changedKey.isValid(signature, of: message))
        }
    }

    /// The bytes with each bit flipped in turn.
    private func flips(of bytes: [UInt8]) -> [[UInt8]] {
        (0..<bytes.count * 8).map { bit in
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            return changed
        }
    }

    @Test func `a signature of the wrong length, by another key or by a key off the curve is invalid`()
        throws
    {
        let key = try SigningKey.generate()
        let signature = try key.sign([1, 2, 3])
        for length in [0, 1, 32, 63] {
            #expect(!key.verifyingKey.isValid(Array(signature.prefix(length)), of: [1, 2, 3]))
        }
        #expect(!key.verifyingKey.isValid(signature + [0], of: [1, 2, 3]))
        #expect(!key.verifyingKey.isValid(Array(repeating: 0, count: 64), of: [1, 2, 3]))
        #expect(!key.verifyingKey.isValid(Array(repeating: 0xff, count: 64), of: [1, 2, 3]))
        #expect(try !SigningKey.generate().verifyingKey.isValid(signature, of: [1, 2, 3]))
        // y = 2 has no x on the curve.
        let offCurve = try #require(VerifyingKey(bytes: [2] + Array(repeating: 0, count: 31)))
        #expect(!offCurve.isValid(signature, of: [1, 2, 3]))
        #expect(ERR_peek_error() == 0)
    }

    @Test func `a signature whose scalar exceeds the group order is invalid`() throws {
        let key = try SigningKey.generate()
        var signature = try key.sign([1, 2, 3])
        let order = try #require(
            [UInt8](hex: "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))
        var carry = 0
        for position in order.indices {
            let sum = Int(signature[32 + position]) + Int(order[position]) + carry
            signature[32 + position] = UInt8(sum & 0xff)
            carry = sum >> 8
        }
        #expect(!key.verifyingKey.isValid(signature, of: [1, 2, 3]))
    }

    @Test(arguments: [0, 31, 33, 65])
    func `a public key that does not have 32 bytes is refused`(count: Int) {
        #expect(VerifyingKey(bytes: Array(repeating: 1, count: count)) == nil)
    }

    @Test func `many threads sign with one key`() async throws {
        let key = try SigningKey.generate()
        try await withThrowingTaskGroup { group in
            for number in UInt8(0)..<64 {
                group.addTask { key.verifyingKey.isValid(try key.sign([number]), of: [number]) }
            }
            for try await valid in group { #expect(valid) }
        }
    }
}
