import CLibcrypto
import Core
import Sealing
import TestSupport
import Testing
import Unsealing

@Suite struct PrivateKeyTests {
    private let directory: TemporaryDirectory
    private let passphrase = Array("correct horse".utf8)

    init() throws { directory = try TemporaryDirectory("private-key") }

    @Test func `a key file is read back`() throws {
        let key = try PrivateKey.generate()
        let pem = try key.pem(passphrase: passphrase)
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"))
        let read = try PrivateKey(pem: pem, passphrase: passphrase)
        #expect(read.subjectPublicKeyInfo == key.subjectPublicKeyInfo)
        #expect(read.keyID == key.keyID)

        let sealed = try SealedMessage(
            sealing: [1, 2, 3], binding: .sample,
            recipients: [SealingKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo)])
        #expect(try Opener.open(sealed, with: read, expecting: .sample) == [1, 2, 3])
    }

    @Test func `stock openssl reads the file and sees the same public key`() throws {
        let key = try PrivateKey.generate()
        let file = try directory.write("key.pem", key.pem(passphrase: passphrase))
        let public_ = try Command.run(
            ["openssl", "pkey", "-in", file, "-passin", "pass:correct horse", "-pubout", "-outform", "DER"])
        #expect(public_.output == key.subjectPublicKeyInfo)
        let structure = try Command.check(["openssl", "asn1parse", "-in", file])
        for part in ["PBES2", "scrypt", "aes-256-cbc", ":4000"] { #expect(structure.contains(part)) }
    }

    @Test(
        arguments: [["-scrypt"], ["-v2", "aes-256-cbc"], ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"]],
        ["uncompressed", "compressed", "hybrid"])
    func `a key file of stock openssl is read, whatever its point form`(scheme: [String], form: String) throws {
        let generated = try StockOpenSSL.keyFile(["ecparam", "-name", "prime256v1", "-genkey", "-noout"])
        let plain = try StockOpenSSL.keyFile(["ec", "-conv_form", form], input: generated)
        let encrypted = try StockOpenSSL.keyFile(
            ["pkcs8", "-topk8", "-passout", "pass:correct horse"] + scheme, input: plain)
        let public_ = try Command.run(
            ["openssl", "ec", "-pubout", "-outform", "DER", "-conv_form", "uncompressed"], input: plain)
        let key = try PrivateKey(pem: encrypted, passphrase: passphrase)
        #expect(key.subjectPublicKeyInfo == public_.output)
    }

    @Test func `the key id is the truncated SHA-256 of the public key`() throws {
        let key = try PrivateKey.generate()
        #expect(key.keyID == Array(try Sealing.SHA256.digest(of: key.subjectPublicKeyInfo.suffix(65)).prefix(20)))
        #expect(try SealingKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo).keyID == key.keyID)
    }

    @Test(arguments: ["", "correct horse ", "Correct horse", "x"])
    func `a wrong passphrase is reported as such`(wrong: String) throws {
        let pem = try PrivateKey.generate().pem(passphrase: passphrase)
        #expect(throws: PrivateKeyError.wrongPassphrase) { try PrivateKey(pem: pem, passphrase: Array(wrong.utf8)) }
    }

    @Test func `no file is written under an empty passphrase`() {
        #expect(throws: CryptoError.self) { try PrivateKey.generate().pem(passphrase: []) }
    }

    @Test func `a file that is not a private key is reported as such`() throws {
        let key = try PrivateKey.generate()
        let publicPEM = try StockOpenSSL.keyFile(["pkey", "-pubin", "-inform", "DER"], input: key.subjectPublicKeyInfo)
        let whole = try key.pem(passphrase: passphrase)
        let cut = [Array(whole.dropFirst(30)), Array(whole.dropLast(60))]
        for pem in [[], Array("hello".utf8), [0xff, 0], publicPEM, key.subjectPublicKeyInfo] + cut {
            #expect(throws: PrivateKeyError.notAKey) { try PrivateKey(pem: pem, passphrase: passphrase) }
        }
    }

    @Test func `a private key that is not encrypted PKCS#8 is reported before a passphrase is asked for`()
        throws
    {
        let traditional = try StockOpenSSL.keyFile(["ecparam", "-name", "prime256v1", "-genkey", "-noout"])
        let plain = try StockOpenSSL.keyFile(["pkcs8", "-topk8", "-nocrypt"], input: traditional)
        let obsolete = try StockOpenSSL.keyFile(
            ["ec", "-aes128", "-passout", "pass:correct horse"], input: traditional)
        for pem in [traditional, plain, obsolete] {
            #expect(throws: PrivateKeyError.notEncrypted) { try PrivateKey(pem: pem, passphrase: passphrase) }
        }
    }

    @Test(arguments: [
        ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], ["X25519"],
        ["ED25519"],
        ["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
    ])
    func `a key of another kind is reported as such`(kind: [String]) throws {
        let plain = try StockOpenSSL.keyFile(["genpkey", "-algorithm"] + kind)
        let pem = try StockOpenSSL.keyFile(["pkcs8", "-topk8", "-passout", "pass:correct horse"], input: plain)
        #expect(throws: PrivateKeyError.notP256) { try PrivateKey(pem: pem, passphrase: passphrase) }
    }

    @Test func `a sealing key off the curve, on another curve or truncated is refused`() throws {
        let good = try PrivateKey.generate().subjectPublicKeyInfo
        var offCurve = good
        offCurve[offCurve.count - 1] ^= 1
        let traditional = try StockOpenSSL.keyFile(["ecparam", "-name", "secp384r1", "-genkey", "-noout"])
        let p384 = try Command.run(["openssl", "ec", "-pubout", "-outform", "DER"], input: traditional).output
        let zero = good.prefix(27) + Array(repeating: 0, count: 64)
        for bad in [[], offCurve, p384, Array(good.dropLast()), good + [0], Array(good.suffix(65)), Array(zero)] {
            #expect(throws: CryptoError.self) { try SealingKey(subjectPublicKeyInfo: bad) }
        }
    }

    @Test func `a sealing key that claims to be of another kind is refused`() throws {
        let good = try PrivateKey.generate().subjectPublicKeyInfo
        for position in 0..<27 {
            var changed = good
            changed[position] ^= 1
            #expect(throws: CryptoError.self, "byte \(position)") { try SealingKey(subjectPublicKeyInfo: changed) }
        }
    }

    @Test func `an error says what failed and leaves libcrypto's error queue empty`() throws {
        var offCurve = try PrivateKey.generate().subjectPublicKeyInfo
        offCurve[offCurve.count - 1] ^= 1
        let error = #expect(throws: CryptoError.self) { try SealingKey(subjectPublicKeyInfo: offCurve) }
        #expect(ERR_peek_error() == 0)
        #expect(error?.description == "cannot read a P-256 public key: the point is not on the curve")
        #expect(throws: PrivateKeyError.self) { try PrivateKey(pem: [1], passphrase: passphrase) }
        #expect(ERR_peek_error() == 0)
    }
}
