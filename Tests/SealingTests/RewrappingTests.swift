import Core
import Sealing
import Testing
import Unsealing

@Suite struct RewrappingTests {
    static let sizes = [0, 100, 1 << 20]

    private func seal(_ content: [UInt8], to keys: [KeyPair]) throws -> SealedMessage {
        try SealedMessage(sealing: content, binding: .sample, recipients: keys.map(\.sealingKey))
    }

    /// The message with its head re-wrapped and its tail unchanged.
    private func rewrap(_ sealed: SealedMessage, with key: KeyPair, to keys: [KeyPair]) throws -> SealedMessage {
        SealedMessage(
            head: try Rewrapping.rewrap(sealed.head, with: key.privateKey, to: keys.map(\.sealingKey)),
            tail: sealed.tail)
    }

    /// Expects that these keys open the message with every opener, and that the others do not.
    private func expect(_ sealed: SealedMessage, opensFor keys: [KeyPair], as content: [UInt8]) throws {
        let ids = keys.map(\.privateKey.keyID)
        #expect(try Set(Opener.recipients(of: sealed.head)) == Set(ids))
        #expect(try Opener.recipients(of: sealed.head).count == ids.count)
        for key in [KeyPair.one, .two, .three] {
            if ids.contains(key.privateKey.keyID) {
                #expect(same(try Opener.open(sealed, with: key.privateKey, expecting: .sample), content))
                #expect(same(try StockOpenSSL.open(sealed.file, with: key), Binding.sample.bytes + content))
                #expect(same(try CMSAPI.open(sealed.file, with: key), Binding.sample.bytes + content))
            } else {
                let error = #expect(throws: OpeningError.self) {
                    try Opener.open(sealed, with: key.privateKey, expecting: .sample)
                }
                guard case .sealedToOthers = error else {
                    Issue.record("refused as \(String(describing: error))")
                    continue
                }
                #expect(try StockOpenSSL.open(sealed.file, with: key) == nil)
            }
        }
        #expect(same(try CMSAPI.reencoded(sealed.file), sealed.file))
    }

    @Test(arguments: sizes)
    func `a message is re-wrapped from one key to two, then to the new one alone`(size: Int) throws {
        let content = try randomBytes(size)
        let sealed = try seal(content, to: [.one])
        let both = try rewrap(sealed, with: .one, to: [.one, .two])
        try expect(both, opensFor: [.one, .two], as: content)
        let new = try rewrap(both, with: .two, to: [.two])
        try expect(new, opensFor: [.two], as: content)
        #expect(sealed.tail == new.tail)
    }

    @Test(arguments: sizes)
    func `a message is re-wrapped from one key straight to others`(size: Int) throws {
        let content = try randomBytes(size)
        let sealed = try rewrap(seal(content, to: [.one]), with: .one, to: [.two, .three])
        try expect(sealed, opensFor: [.two, .three], as: content)
    }

    @Test func `only the recipients change, and only the record of the re-wrapping key is kept`() throws {
        let before = try SealedHead(seal([1, 2, 3], to: [.one, .two]).head)
        let after = try SealedHead(
            Rewrapping.rewrap(
                before.encoded, with: KeyPair.one.privateKey,
                to: [KeyPair.three, .two, .one].map(\.sealingKey)))
        #expect(after.nonce == before.nonce)
        #expect(after.ciphertextLength == before.ciphertextLength)
        let kept = try #require(before.recipients.first { $0.keyID == KeyPair.one.privateKey.keyID })
        #expect(after.recipients.contains(kept))
        for key in [KeyPair.two, .three] {
            let new = try #require(after.recipients.first { $0.keyID == key.privateKey.keyID })
            #expect(!before.recipients.map(\.ephemeralPoint).contains(new.ephemeralPoint))
            #expect(!before.recipients.map(\.wrappedKey).contains(new.wrappedKey))
        }
    }

    @Test func `every new recipient gets an ephemeral key of its own`() throws {
        let sealed = try seal([], to: [.one])
        let points = try (0..<20).flatMap { _ in
            try SealedHead(rewrap(sealed, with: .one, to: [.two, .three]).head).recipients.map(\.ephemeralPoint)
        }
        #expect(Set(points).count == 40)
    }

    @Test func `a record planted for another recipient does not survive`() throws {
        let sealed = try seal([1], to: [.one])
        var planted = try SealedHead(sealed.head)
        let foreign = try SealedHead(seal([2], to: [.two]).head)
        planted.recipients += foreign.recipients
        let message = SealedMessage(head: planted.encoded, tail: sealed.tail)
        #expect(throws: OpeningError.damaged) {
            try Opener.open(message, with: KeyPair.two.privateKey, expecting: .sample)
        }
        try expect(rewrap(message, with: .one, to: [.two]), opensFor: [.two], as: [1])
    }

    @Test func `re-wrapping to the same key alone gives the same head`() throws {
        let sealed = try seal([1], to: [.one])
        #expect(try rewrap(sealed, with: .one, to: [.one]) == sealed)
    }

    @Test func `a recipient that is named twice, or in the head twice, appears once`() throws {
        let sealed = try seal([1], to: [.one])
        try expect(
            rewrap(sealed, with: .one, to: [.two, .two, .one, .one]), opensFor: [.one, .two], as: [1])

        var doubled = try SealedHead(sealed.head)
        doubled.recipients += doubled.recipients
        let head = try Rewrapping.rewrap(
            doubled.encoded, with: KeyPair.one.privateKey, to: [KeyPair.one.sealingKey])
        #expect(head == sealed.head)
    }

    @Test func `a message can be re-wrapped to many keys`() throws {
        let keys = try (0..<40).map { _ in try PrivateKey.generate() }
        let sealed = try seal([7, 7], to: [.one])
        let head = try Rewrapping.rewrap(
            sealed.head, with: KeyPair.one.privateKey,
            to: keys.map { try SealingKey(subjectPublicKeyInfo: $0.subjectPublicKeyInfo) })
        for key in keys {
            #expect(
                try Opener.open(SealedMessage(head: head, tail: sealed.tail), with: key, expecting: .sample) == [7, 7])
        }
    }

    @Test func `a key that is not a recipient cannot re-wrap, and the error names those that can`() throws {
        let sealed = try seal([1], to: [.one])
        let expected = OpeningError.sealedToOthers(
            key: KeyPair.two.privateKey.keyID, recipients: [KeyPair.one.privateKey.keyID])
        #expect(throws: RewrappingError.notOpened(expected)) { try rewrap(sealed, with: .two, to: [.two]) }
        #expect(RewrappingError.notOpened(expected).description == expected.description)
    }

    @Test func `re-wrapping to no recipient is refused`() throws {
        let sealed = try seal([1], to: [.one])
        #expect(throws: RewrappingError.noRecipient) { try rewrap(sealed, with: .one, to: []) }
    }

    @Test(arguments: TamperingTests.masks)
    func `a head with a changed byte is refused, or its re-wrapped message does not open`(mask: UInt8) throws {
        let sealed = try seal([1, 2, 3], to: [.one])
        let keyID = try #require(sealed.head.firstRange(of: KeyPair.one.privateKey.keyID))
        let nonce = try #require(sealed.head.firstRange(of: SealedHead(sealed.head).nonce))
        for position in sealed.head.indices {
            var changed = sealed
            changed.head[position] ^= mask
            do {
                let result = try rewrap(changed, with: .one, to: [.two])
                // The nonce has no part in the wrap; the tag of the tail detects its change.
                #expect(nonce.contains(position), "byte \(position)")
                #expect(throws: OpeningError.damaged, "byte \(position)") {
                    try Opener.open(result, with: KeyPair.two.privateKey, expecting: .sample)
                }
            } catch let RewrappingError.notOpened(.sealedToOthers(key, _)) {
                #expect(key == KeyPair.one.privateKey.keyID)
                #expect(keyID.contains(position), "byte \(position)")
            } catch RewrappingError.notOpened(.damaged) {
                #expect(!keyID.contains(position), "byte \(position)")
            }
        }
    }

    static let damages: [(String, @Sendable ([UInt8]) throws -> [UInt8])] = [
        ("empty", { _ in [] }),
        ("cut short", { $0.dropLast() }),
        ("drawn out", { $0 + [0] }),
        ("twice", { $0 + $0 }),
        ("garbage", { head in try randomBytes(head.count) }),
    ]

    @Test(arguments: damages.indices)
    func `bytes that are not a head are refused as damaged`(index: Int) throws {
        let (name, damage) = Self.damages[index]
        let head = try damage(seal([1], to: [.one, .two]).head)
        #expect(throws: RewrappingError.notOpened(.damaged), "\(name)") {
            try Rewrapping.rewrap(head, with: KeyPair.one.privateKey, to: [KeyPair.two.sealingKey])
        }
        #expect(throws: OpeningError.damaged, "\(name)") {
            try Rewrapping.removing(keyIDs: [KeyPair.one.privateKey.keyID], from: head)
        }
    }

    @Test func `a key that claims another's id cannot re-wrap`() throws {
        var head = try SealedHead(seal([1], to: [.one]).head)
        head.recipients[0].keyID = KeyPair.two.privateKey.keyID
        #expect(throws: RewrappingError.notOpened(.damaged)) {
            try Rewrapping.rewrap(head.encoded, with: KeyPair.two.privateKey, to: [KeyPair.three.sealingKey])
        }
    }

    @Test(arguments: sizes)
    func `recipients are removed without a private key`(size: Int) throws {
        let content = try randomBytes(size)
        let sealed = try seal(content, to: [.one, .two, .three])
        func removing(_ keys: [KeyPair]) throws -> SealedMessage? {
            try Rewrapping.removing(keyIDs: Set(keys.map(\.privateKey.keyID)), from: sealed.head).map {
                SealedMessage(head: $0, tail: sealed.tail)
            }
        }
        let withoutOne = try #require(try removing([.one]))
        try expect(withoutOne, opensFor: [.two, .three], as: content)
        let twoAlone = try #require(try removing([.one, .three]))
        try expect(twoAlone, opensFor: [.two], as: content)
        #expect(try removing([]) == sealed)
        #expect(try removing([.one, .two, .three]) == nil)
    }

    @Test func `removing a key that is not a recipient leaves the head unchanged`() throws {
        let sealed = try seal([1], to: [.one])
        #expect(try Rewrapping.removing(keyIDs: [KeyPair.two.privateKey.keyID, []], from: sealed.head) == sealed.head)
    }

    @Test func `removing a recipient removes all its records`() throws {
        var head = try SealedHead(seal([1], to: [.one, .two]).head)
        head.recipients += head.recipients
        let left = try #require(
            try Rewrapping.removing(keyIDs: [KeyPair.one.privateKey.keyID], from: head.encoded))
        #expect(try Set(Opener.recipients(of: left)) == [KeyPair.two.privateKey.keyID])
    }

    @Test(arguments: sizes)
    func `a message sealed by stock openssl with the same parameters is re-wrapped`(size: Int) throws {
        let content = try randomBytes(size)
        let sealed = SealedMessage(
            file: try StockOpenSSL.seal(Binding.sample.bytes + content, to: [.one]), contentLength: size)
        try expect(rewrap(sealed, with: .one, to: [.three]), opensFor: [.three], as: content)
    }

    @Test func `a re-wrapped message stays bound to its row`() throws {
        let sealed = try rewrap(seal([1], to: [.one]), with: .one, to: [.two])
        for row in TamperingTests.otherBindings {
            #expect(throws: OpeningError.boundElsewhere) {
                try Opener.open(sealed, with: KeyPair.two.privateKey, expecting: row)
            }
        }
    }

    @Test func `a host's signature is still valid after re-wrapping`() throws {
        let sealed = try seal([1], to: [.one])
        let host = try SigningKey.generate()
        let origin = try host.signOrigin(of: .sample, tailDigest: Sealing.SHA256.digest(of: sealed.tail))
        let after = try rewrap(sealed, with: .one, to: [.two])
        #expect(
            host.verifyingKey.confirms(origin, of: .sample, tailDigest: try Sealing.SHA256.digest(of: after.tail)))
    }
}
