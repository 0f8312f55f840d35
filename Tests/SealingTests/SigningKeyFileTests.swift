import CLibcrypto
import Core
import Sealing
import TestSupport
import Testing

@Suite struct SigningKeyFileTests {
    /// A file that is not a signing key: how it is made from a good one, and the error for it.
    struct BadFile: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let error: SigningKeyError
        let make: @Sendable (_ good: [UInt8]) throws -> [UInt8]

        init(_ name: String, _ error: SigningKeyError, _ make: @escaping @Sendable ([UInt8]) throws -> [UInt8]) {
            testDescription = name
            self.error = error
            self.make = make
        }

        /// Made by openssl alone.
        init(_ error: SigningKeyError, openssl arguments: [String]) {
            self.init(arguments.joined(separator: " "), error) { _ in try StockOpenSSL.keyFile(arguments) }
        }

        /// Made by changing lines of the text.
        init(_ name: String, _ error: SigningKeyError, lines edit: @escaping @Sendable (inout [String]) -> Void) {
            self.init(name, error) { good in
                var lines = String(decoding: good, as: UTF8.self).split(separator: "\n").map(String.init)
                edit(&lines)
                return Array((lines.joined(separator: "\n") + "\n").utf8)
            }
        }
    }

    /// For either half of the key.
    static let damages = [
        BadFile("empty", .notAKey) { _ in [] },
        BadFile("newlines", .notAKey) { _ in Array("\n\r\n\n".utf8) },
        BadFile("text", .notAKey) { _ in Array("hello".utf8) },
        BadFile("no text", .notAKey) { _ in [0xff, 0, 0x80] },
        BadFile("certificate", .notAKey) { _ in Array("-----BEGIN CERTIFICATE-----\n".utf8) },
        BadFile("first line alone", .notAKey) { Array($0.prefix { $0 != UInt8(ascii: "\n") }) },
        BadFile("no first line", .notAKey, lines: { $0.removeFirst() }),
        BadFile("no last line", .notAKey, lines: { $0.removeLast() }),
        BadFile("no base64", .notAKey, lines: { $0.remove(at: 1) }),
        BadFile("cut base64", .notAKey, lines: { $0[1].removeLast(4) }),
        BadFile("cut by a digit", .notAKey, lines: { $0[1].removeFirst() }),
        BadFile("more base64", .notAKey, lines: { $0[1] += "AAAA" }),
        BadFile("foreign digit", .notAKey, lines: { $0[1] = "!" + $0[1].dropFirst() }),
        BadFile("blank for a digit", .notAKey, lines: { $0[1] = " " + $0[1].dropFirst() }),
        BadFile("padding for a digit", .notAKey, lines: { $0[1] = $0[1].dropLast(2) + "==" }),
        BadFile("blank before", .notAKey, lines: { $0[0] = " " + $0[0] }),
        BadFile("text before", .notAKey, lines: { $0.insert("my key", at: 0) }),
        BadFile("text after", .notAKey, lines: { $0.append("my key") }),
        BadFile("another last line", .notAKey, lines: { $0[2] = "-----END KEY-----" }),
        BadFile("another algorithm", .notEd25519, lines: { $0[1] = "MD" + $0[1].dropFirst(2) }),
        BadFile("two lines of base64", .notEd25519, lines: { $0.insert("AAAA", at: 1) }),
    ]

    static let badPrivateFiles =
        damages + [
            BadFile("two keys", .notEd25519) { $0 + $0 },
            BadFile(.notEd25519, openssl: ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
            BadFile(.notEd25519, openssl: ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
            BadFile(.notEd25519, openssl: ["genpkey", "-algorithm", "X25519"]),
            BadFile(.notEd25519, openssl: ["genpkey", "-algorithm", "ED448"]),
            BadFile(.notEd25519, openssl: ["ecparam", "-name", "prime256v1", "-genkey", "-noout"]),
            BadFile("encrypted", .encrypted) {
                try StockOpenSSL.keyFile(["pkey", "-aes256", "-passout", "pass:x"], input: $0)
            },
            BadFile("encrypted with scrypt", .encrypted) {
                try StockOpenSSL.keyFile(["pkcs8", "-topk8", "-scrypt", "-passout", "pass:x"], input: $0)
            },
            BadFile("public half", .privateKeyExpected) { try StockOpenSSL.keyFile(["pkey", "-pubout"], input: $0) },
            BadFile("DER", .notAKey) {
                try Command.run(["openssl", "pkey", "-outform", "DER"], input: $0).output
            },
        ]

    @Test(arguments: badPrivateFiles)
    func `a file that is not a signing key is refused, and the error says what it is`(file: BadFile) throws {
        let pem = try file.make(SigningKey.generate().pem)
        #expect(throws: file.error) { try SigningKey(pem: pem) }
        #expect(ERR_peek_error() == 0)
    }

    static let badPublicFiles =
        damages + [
            BadFile("two keys", .notEd25519) { $0 + $0 },
            BadFile("private half", .publicKeyExpected) { _ in try SigningKey.generate().pem },
            BadFile("encrypted private half", .publicKeyExpected) { _ in
                try StockOpenSSL.keyFile(
                    ["pkey", "-aes256", "-passout", "pass:x"], input: SigningKey.generate().pem)
            },
            BadFile("P-256", .notEd25519) { _ in
                try StockOpenSSL.keyFile(
                    ["pkey", "-pubout"],
                    input: StockOpenSSL.keyFile(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]))
            },
            BadFile("X25519", .notEd25519) { _ in
                try StockOpenSSL.keyFile(
                    ["pkey", "-pubout"], input: StockOpenSSL.keyFile(["genpkey", "-algorithm", "X25519"]))
            },
            // Of the one digit before the padding only four bits count.
            BadFile(
                "left-over bits", .notAKey,
                lines: { lines in
                    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
                    let last = digits.firstIndex(of: lines[1].dropLast().last!)!
                    lines[1] = lines[1].dropLast(2) + "\(digits[last | 1])="
                }),
        ]

    @Test(arguments: badPublicFiles)
    func `a file that is not a verifying key is refused, and the error says what it is`(file: BadFile) throws {
        let pem = try file.make(SigningKey.generate().verifyingKey.pem)
        #expect(throws: file.error) { try VerifyingKey(pem: pem) }
        #expect(ERR_peek_error() == 0)
    }

    @Test func `a file with CRLF, trailing blank lines or no final newline is read`() throws {
        let key = try SigningKey.generate()
        let text = String(decoding: key.pem, as: UTF8.self)
        let crlf = text.split(separator: "\n").joined(separator: "\r\n") + "\r\n"
        for spelling in [text, crlf, text + "\n\n", String(text.dropLast())] {
            #expect(try SigningKey(pem: Array(spelling.utf8)).verifyingKey == key.verifyingKey)
        }
    }

    @Test func `a file with any byte of the prefix changed is refused`() throws {
        let good = try Command.run(["openssl", "pkey", "-outform", "DER"], input: SigningKey.generate().pem).output
        try #require(good.count == 48)
        for position in 0..<16 {
            var der = good
            der[position] ^= 1
            let base64 = try Command.run(["openssl", "base64", "-A"], input: der).text
            let pem = "-----BEGIN PRIVATE KEY-----\n\(base64)\n-----END PRIVATE KEY-----\n"
            #expect(throws: SigningKeyError.notEd25519) { try SigningKey(pem: Array(pem.utf8)) }
        }
    }

    @Test(arguments: [
        SigningKeyError.notAKey, .encrypted, .notEd25519, .privateKeyExpected, .publicKeyExpected,
    ])
    func `an error says what to do on one line`(error: SigningKeyError) {
        #expect(!error.description.contains("\n"))
        #expect(["openssl", "name the file"].contains { error.description.contains($0) })
    }
}
