import Sealing
import Unsealing

enum KeysTarget {
    static func run(_ input: [UInt8]) throws {
        if let key = try? SigningKey(pem: input) {
            try require("a signing key that is written again is the same", try SigningKey(pem: key.pem).pem == key.pem)
        }
        if let key = try? VerifyingKey(pem: input) {
            try require("a verifying key that is written again is the same", try VerifyingKey(pem: key.pem) == key)
            try require("nothing is signed with zeros", !key.isValid(Array(repeating: 0, count: 64), of: input))
        }
        _ = try? PrivateKey(pem: input, passphrase: Array("x".utf8))
        if let key = try? SealingKey(subjectPublicKeyInfo: input) {
            try require("a key id has 20 bytes", key.keyID.count == 20)
        }
    }
}
