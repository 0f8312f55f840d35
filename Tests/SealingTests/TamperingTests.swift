import Core
import Sealing
import Testing
import Unsealing

/// Somebody who can write to the database changes sealed messages: none may open.
@Suite struct TamperingTests {
    static let content = Array("From: a@example.org\r\n\r\nhello\r\n".utf8)
    static let masks: [UInt8] = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff]

    let sealed: SealedMessage

    init() throws {
        sealed = try SealedMessage(sealing: Self.content, binding: .sample, recipients: [KeyPair.one.sealingKey])
    }

    /// Why a message was refused; nil if it opened.
    private func refusal(
        _ message: SealedMessage, key: KeyPair = .one, expecting binding: Binding = .sample
    ) -> OpeningError? {
        do {
            _ = try Opener.open(message, with: key.privateKey, expecting: binding)
            return nil
        } catch {
            return error
        }
    }

    @Test func `an untouched message opens`() {
        #expect(refusal(sealed) == nil)
    }

    @Test(arguments: masks)
    func `a changed byte anywhere in the head is refused`(mask: UInt8) throws {
        let keyID = try #require(sealed.head.firstRange(of: KeyPair.one.privateKey.keyID))
        for position in sealed.head.indices {
            var changed = sealed
            changed.head[position] ^= mask
            switch refusal(changed) {
            case .sealedToOthers: #expect(keyID.contains(position), "byte \(position)")
            case .damaged: #expect(!keyID.contains(position), "byte \(position)")
            case let other: Issue.record("byte \(position): \(String(describing: other))")
            }
        }
    }

    @Test(arguments: masks)
    func `a changed byte anywhere in the tail is refused`(mask: UInt8) {
        for position in sealed.tail.indices {
            var changed = sealed
            changed.tail[position] ^= mask
            #expect(refusal(changed) == .damaged, "byte \(position)")
        }
    }

    @Test func `a change to one recipient's record does not keep the other from opening`() throws {
        let sealed = try SealedMessage(
            sealing: Self.content, binding: .sample, recipients: [KeyPair.one.sealingKey, KeyPair.two.sealingKey])
        let recipients = try SealedHead(sealed.head).recipients
        for (key, other) in [(KeyPair.one, KeyPair.two), (.two, .one)] {
            let others = try #require(recipients.first { $0.keyID == other.privateKey.keyID })
            let fields = try [others.keyID, others.ephemeralPoint, others.wrappedKey].map {
                try #require(sealed.head.firstRange(of: $0))
            }
            for position in sealed.head.indices {
                var changed = sealed
                changed.head[position] ^= 0xff
                let opened = try? Opener.open(changed, with: key.privateKey, expecting: .sample)
                if fields.contains(where: { $0.contains(position) }) {
                    // Its order among the recipients may have changed: then it is refused.
                    #expect(opened == nil || opened == Self.content, "byte \(position)")
                    #expect(refusal(changed, key: other) != nil, "byte \(position)")
                } else {
                    #expect(opened == nil, "byte \(position)")
                }
            }
        }
    }

    @Test func `known limit: the negated ephemeral key opens the same content`() throws {
        var head = try SealedHead(sealed.head)
        head.recipients[0].ephemeralPoint.replaceSubrange(
            33..., with: negated(head.recipients[0].ephemeralPoint[33...]))
        #expect(head.encoded != sealed.head)
        let opened = try Opener.open(
            SealedMessage(head: head.encoded, tail: sealed.tail), with: KeyPair.one.privateKey, expecting: .sample)
        #expect(opened == Self.content)
    }

    /// p - y in the field of P-256.
    private func negated(_ y: ArraySlice<UInt8>) -> [UInt8] {
        let prime = [UInt8](hex: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")!
        var borrow = 0
        return Array(
            zip(prime, y).reversed().map { digit, subtrahend in
                let difference = Int(digit) - Int(subtrahend) - borrow
                borrow = difference < 0 ? 1 : 0
                return UInt8(difference & 0xff)
            }.reversed())
    }

    @Test func `a truncated or extended head is refused`() {
        for length in sealed.head.indices {
            #expect(refusal(SealedMessage(head: Array(sealed.head.prefix(length)), tail: sealed.tail)) == .damaged)
        }
        for more in [[0], sealed.head, sealed.tail] as [[UInt8]] {
            #expect(refusal(SealedMessage(head: sealed.head + more, tail: sealed.tail)) == .damaged)
        }
    }

    @Test func `a truncated or extended tail is refused`() {
        for length in sealed.tail.indices {
            #expect(refusal(SealedMessage(head: sealed.head, tail: Array(sealed.tail.prefix(length)))) == .damaged)
        }
        #expect(refusal(SealedMessage(head: sealed.head, tail: sealed.tail + [0])) == .damaged)
        #expect(refusal(SealedMessage(head: sealed.head, tail: [0] + sealed.tail)) == .damaged)
    }

    @Test func `a truncated ciphertext is refused even if the head agrees with its length`() throws {
        for length in 0..<(Binding.length + Self.content.count) {
            var head = try SealedHead(sealed.head)
            head.ciphertextLength = length
            let tail = Array(sealed.tail.prefix(length) + sealed.tail.suffix(18))
            #expect(refusal(SealedMessage(head: head.encoded, tail: tail)) == .damaged, "\(length) bytes")
        }
    }

    @Test func `the head of one message does not open the tail of another`() throws {
        let other = try SealedMessage(sealing: Self.content, binding: .sample, recipients: [KeyPair.one.sealingKey])
        #expect(refusal(SealedMessage(head: sealed.head, tail: other.tail)) == .damaged)
        #expect(refusal(SealedMessage(head: other.head, tail: sealed.tail)) == .damaged)

        var mixed = try SealedHead(sealed.head)
        mixed.recipients = try SealedHead(other.head).recipients
        #expect(refusal(SealedMessage(head: mixed.encoded, tail: sealed.tail)) == .damaged)
        mixed = try SealedHead(sealed.head)
        mixed.nonce = try SealedHead(other.head).nonce
        #expect(refusal(SealedMessage(head: mixed.encoded, tail: sealed.tail)) == .damaged)
    }

    @Test func `a tag cut to 4 bytes is refused, though stock openssl accepts it`() throws {
        let content = try randomBytes(1000)
        let sealed = try SealedMessage(sealing: content, binding: .sample, recipients: [KeyPair.one.sealingKey])
        var head = sealed.head
        let icvLength = try #require(head.firstRange(of: [0x02, 0x01, 16, 0x80]))
        head[icvLength.lowerBound + 2] = 4
        // The lengths of the three elements that hold the tag, each of two bytes.
        for position in [2, 19, 23] {
            #expect(head[position - 1] == 0x82)
            let length = Int(head[position]) << 8 + Int(head[position + 1]) - 12
            head[position] = UInt8(length >> 8)
            head[position + 1] = UInt8(length & 0xff)
        }
        let tail = sealed.tail.dropLast(18) + [0x04, 4] + sealed.tail.suffix(16).prefix(4)
        let forged = SealedMessage(head: head, tail: Array(tail))
        #expect(same(try StockOpenSSL.open(forged.file, with: .one), Binding.sample.bytes + content))
        #expect(refusal(forged) == .damaged)
    }

    static let otherBindings: [Binding] = {
        let real = Binding.sample
        func with(
            content: Binding.Content? = nil, company: Int64? = nil, subject: Int64? = nil, entry: EntryID? = nil,
            time: Int64? = nil
        ) -> Binding {
            Binding(
                content: content ?? real.content, company: CompanyID(rawValue: company ?? real.company.rawValue),
                subject: subject ?? real.subject, entry: entry ?? real.entry,
                time: Timestamp(milliseconds: time ?? real.time.milliseconds))
        }
        return [
            with(content: .profile), with(company: 8), with(subject: 1), with(entry: .make(at: real.time)),
            with(time: real.time.milliseconds + 1),
        ]
    }()

    @Test(arguments: otherBindings)
    func `a message moved to another row is refused`(row: Binding) {
        #expect(refusal(sealed, expecting: row) == .boundElsewhere)
    }

    @Test func `another key is refused, and the error names the keys that open it`() throws {
        #expect(
            refusal(sealed, key: .two)
                == .sealedToOthers(key: KeyPair.two.privateKey.keyID, recipients: [KeyPair.one.privateKey.keyID]))
        #expect(try #require(refusal(sealed, key: .two)).description.contains(KeyPair.one.privateKey.keyID.hex))
    }

    @Test func `a key that claims another's id does not open it`() throws {
        let keyID = try #require(sealed.head.firstRange(of: KeyPair.one.privateKey.keyID))
        var changed = sealed
        changed.head.replaceSubrange(keyID, with: KeyPair.two.privateKey.keyID)
        #expect(refusal(changed, key: .two) == .damaged)
    }

    @Test func `an AuthEnvelopedData with another algorithm is refused`() throws {
        let plaintext = Binding.sample.bytes + Self.content
        for cipher in ["-aes-128-gcm", "-aes-192-gcm", "-aes-256-cbc"] {
            let file = try StockOpenSSL.seal(plaintext, to: [.one], cipher: cipher)
            #expect(refusal(SealedMessage(file: file, contentLength: Self.content.count)) == .damaged, "\(cipher)")
        }
        for options in [["-wrap", "aes128-wrap", "-keyopt", "ecdh_kdf_md:sha256"], ["-wrap", "aes256-wrap"]] {
            let file = try StockOpenSSL.seal(plaintext, to: [.one], keyOptions: options)
            #expect(refusal(SealedMessage(file: file, contentLength: Self.content.count)) == .damaged, "\(options)")
        }
    }
}
