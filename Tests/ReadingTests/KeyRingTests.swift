import Core
import DatabaseSupport
import Reading
import Sealing
import Testing
import Unsealing

@Suite struct KeyRingTests {
    private let old: PrivateKey
    private let new: PrivateKey
    private let stranger: PrivateKey
    private let binding = profileBinding()

    init() throws {
        (old, new, stranger) = try (.generate(), .generate(), .generate())
    }

    private func sealed(to keys: PrivateKey...) throws -> SealedMessage {
        try SealedMessage(sealing: [1, 2, 3], binding: binding, recipients: keys.map { try $0.sealingKey })
    }

    @Test func `each message opens with the key that it is sealed to, wherever in the ring it is`() throws {
        let ring = KeyRing([old, new])
        for sealed in try [sealed(to: old), sealed(to: new), sealed(to: stranger, new)] {
            #expect(try ring.open(sealed, expecting: binding) == [1, 2, 3])
        }
    }

    @Test func `a message for others names its recipients and the first key of the ring`() throws {
        let foreign = try sealed(to: stranger)
        #expect(throws: OpeningError.sealedToOthers(key: new.keyID, recipients: [stranger.keyID])) {
            try KeyRing([new, old]).open(foreign, expecting: binding)
        }
    }

    @Test func `the audit's reason has no key ids`() {
        let error = OpeningError.sealedToOthers(key: old.keyID, recipients: [new.keyID])
        #expect(error.auditReason == "not sealed to the private key at hand")
        #expect(OpeningError.damaged.auditReason != OpeningError.boundElsewhere.auditReason)
    }

    @Test func `the first key signs, and every key confirms`() throws {
        let signature = try KeyRing([new, old]).sign([7])
        #expect(KeyRing([old, new]).confirms(signature, of: [7]))
        #expect(new.confirms(signature, of: [7]) && !old.confirms(signature, of: [7]))
        #expect(!KeyRing([old]).confirms(signature, of: [7]))
        #expect(!KeyRing([new]).confirms(signature, of: [8]))
    }
}
