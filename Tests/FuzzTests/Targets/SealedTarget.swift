import Core
import Sealing
import Unsealing

/// The input is a head (16-bit length prefix) and a tail. One message in the corpus opens with the key.
enum SealedTarget {
    static func run(_ input: [UInt8]) throws {
        var reader = ByteReader(input)
        guard let length = try? reader.integer(UInt16.self), let head = try? reader.raw(Int(length)) else { return }
        if let parsed = try? SealedHead(head) {
            try require("a head has one spelling", parsed.encoded == head)
        }
        let sealed = SealedMessage(head: head, tail: Array(input.dropFirst(2 + head.count)))
        guard let content = try? Opener.open(sealed, with: SealedFixture.key, expecting: SealedFixture.binding)
        else { return }
        try require("what opens is what was sealed", content == SealedFixture.content)
    }
}

/// A key, and the one message that was sealed to it.
enum SealedFixture {
    static let content = Array("Subject: Hello\r\n\r\nSealed once.\r\n".utf8)

    static let binding = Binding(
        message: EntryID("01234567-89ab-7def-8123-456789abcdef")!, company: CompanyID(rawValue: 7),
        thread: ThreadID(rawValue: 8), time: Timestamp(milliseconds: 1_800_000_000_000))

    /// A test key, not a secret.
    static let key = try! PrivateKey(pem: Array(pem.utf8), passphrase: Array("x".utf8))

    private static let pem = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiPU64l5t4oGAICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDazbWnn8QzV3ihS2RHWk2QEgZBy
        vszB2UU5obk4yU3LM9rmVirXZAmqwiniuQPQTFA76dx8rTuIAyiOWdob7h5RNoYL
        k710aN0QdkJLLGH65z6iygm/ok82ypkHJXTPQCLiClHAbSArePoh3IMl3bdpVVRK
        i4lERYhlQBFOmkjt8wRzc6aETyY85kYIIu3Xk7wWW84TFme5WK0Fob3F2YsLAtM=
        -----END ENCRYPTED PRIVATE KEY-----
        """
}
