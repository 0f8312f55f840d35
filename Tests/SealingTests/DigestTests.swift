import Core
import Sealing
import Testing

@Suite struct DigestTests {
    /// FIPS 180-4's examples, and the empty message.
    static let digests = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test(arguments: digests.indices)
    func `SHA-256 gives the published digests, in one piece and in several`(index: Int) throws {
        let (text, expected) = Self.digests[index]
        let message = Array(text.utf8)
        #expect(try Sealing.SHA256.digest(of: message).hex == expected)

        var hash = try Sealing.SHA256()
        for piece in stride(from: 0, to: message.count, by: 1001) {
            try hash.update(message[piece..<min(piece + 1001, message.count)])
        }
        #expect(try hash.finish().hex == expected)

        var raw = try Sealing.SHA256()
        try message.withUnsafeBytes { try raw.update($0) }
        try raw.update(repeatElement(0, count: 0))
        #expect(try raw.finish().hex == expected)
    }

    /// RFC 4231 section 4, test cases 1 to 4, 6 and 7.
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            Array(repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            Array(repeating: 0xaa, count: 20), Array(repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), Array(repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            Array(repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            Array(repeating: 0xaa, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test(arguments: codes.indices)
    func `HMAC-SHA256 gives the published codes`(index: Int) throws {
        let (key, message, code) = Self.codes[index]
        #expect(try HMACKey(key).authenticationCode(for: message).hex == code)
    }

    @Test func `an empty HMAC key is refused`() {
        #expect(throws: CryptoError.self) { try HMACKey([]).authenticationCode(for: [1]) }
    }

    @Test func `bytes compare equal only if they are`() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(!constantTimeEqual([], [0]))
    }

    @Test func `random bytes have the length asked for, and never repeat`() throws {
        #expect(try randomBytes(0).isEmpty)
        #expect(try Set((0..<100).map { _ in try randomBytes(32) }).count == 100)
    }
}
