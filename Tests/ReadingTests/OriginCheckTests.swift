import Core
import Reading
import Sealing
import Testing

@testable import Store

@Suite struct OriginCheckTests {
    private let signer: SigningKey
    private let tail: [UInt8] = Array("ciphertext".utf8)
    private let entry = EntryID.make(at: .now())

    init() throws { signer = try .generate() }

    private func keys(
        _ host: String = "mx1", revokedAt: Timestamp? = nil
    ) -> [[UInt8]: (host: String, key: MailHostRecord.Key)] {
        let key = MailHostRecord.Key(
            keyID: signer.verifyingKey.keyID, publicKey: signer.verifyingKey.bytes,
            addedAt: Timestamp(milliseconds: 0), revokedAt: revokedAt)
        return [key.keyID: (host, key)]
    }

    /// Signed for this company's row.
    private func signed(host: String = "mx1", by: Int64 = 1) throws -> TimelineEntry {
        let row = TimelineEntry.sample(entry: entry, company: by)
        let origin = try signer.signOrigin(of: row.binding, tailDigest: SHA256.digest(of: tail))
        return .sample(entry: entry, host: host, hostKeyID: origin.keyID, signature: origin.signature)
    }

    @Test func `a row that its host signed is verified`() throws {
        #expect(try OriginCheck(signed(), tail: tail, keys: keys()) == .verified(host: "mx1"))
    }

    @Test func `a row without a signature is unsigned`() throws {
        #expect(try OriginCheck(.sample(), tail: tail, keys: keys()) == .unsigned)
    }

    @Test func `a signature by a key that no host has is wrong`() throws {
        #expect(try OriginCheck(signed(), tail: tail, keys: [:]) == .wrong("signed with a key that no mail host has"))
    }

    @Test func `a signature of another message, or of another company's row, is wrong`() throws {
        let wrong = OriginCheck.wrong("the signature is not of this message")
        #expect(try OriginCheck(signed(), tail: tail + [0], keys: keys()) == wrong)
        #expect(try OriginCheck(signed(by: 2), tail: tail, keys: keys()) == wrong)
    }

    @Test func `a row that names another host than its signer is wrong`() throws {
        #expect(
            try OriginCheck(signed(host: "mx2"), tail: tail, keys: keys())
                == .wrong("signed by mx1, and the row says mx2"))
    }

    @Test func `a revoked key counts for what was stored before, and no longer`() throws {
        let entry = try signed()
        let later = Timestamp(milliseconds: entry.storedAt.milliseconds + 1)
        #expect(try OriginCheck(entry, tail: tail, keys: keys(revokedAt: later)) == .verified(host: "mx1"))
        #expect(
            try OriginCheck(entry, tail: tail, keys: keys(revokedAt: entry.storedAt))
                == .wrong("signed with a revoked key of mx1"))
    }
}
