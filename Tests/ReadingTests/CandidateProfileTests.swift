import Core
import DatabaseSupport
import Reading
import Sealing
import Store
import Testing
import Unsealing

@Suite struct CandidateProfileTests {
    private let profile = CandidateProfile(name: "Zoë Quill", email: "zoe@home.example")

    @Test(arguments: [("Zoë Quill", "zoe@home.example"), ("", "rita@acme.example"), ("", ""), ("a\u{0}b", "\r\n")])
    func `a profile reads back as it was written`(name: String, email: String) throws {
        let profile = CandidateProfile(name: name, email: email)
        #expect(try CandidateProfile(bytes: profile.bytes) == profile)
    }

    @Test func `the format is fixed: two strings, each after its length`() {
        #expect(CandidateProfile(name: "ab", email: "c").bytes == [0, 0, 0, 2, 0x61, 0x62, 0, 0, 0, 1, 0x63])
    }

    @Test func `anything but two whole strings is malformed`() {
        for length in 0..<profile.bytes.count {
            #expect(throws: ByteReader.Malformed.self) {
                try CandidateProfile(bytes: Array(profile.bytes.prefix(length)))
            }
        }
        #expect(throws: ByteReader.Malformed.self) { try CandidateProfile(bytes: profile.bytes + [0]) }
        #expect(throws: ByteReader.Malformed.self) { try CandidateProfile(bytes: [0xff, 0xff, 0xff, 0xff, 0x61]) }
    }

    @Test func `a sealed profile opens in its own row alone`() throws {
        let key = try PrivateKey.generate()
        let binding = profileBinding()
        let sealed = try SealedMessage(sealing: profile.bytes, binding: binding, recipients: [key.sealingKey])
        let keys = KeyRing([key])
        #expect(try CandidateProfile(SealedProfile(sealed: sealed, binding: binding), with: keys) == profile)
        for foreign in [profileBinding(company: 9), profileBinding(candidate: 9)] {
            #expect(throws: OpeningError.boundElsewhere) {
                try CandidateProfile(SealedProfile(sealed: sealed, binding: foreign), with: keys)
            }
        }
    }

    @Test func `a changed profile, and sealed content of another form, are damaged`() throws {
        let key = try PrivateKey.generate()
        let binding = profileBinding()
        var sealed = try SealedMessage(sealing: profile.bytes, binding: binding, recipients: [key.sealingKey])
        sealed.tail[sealed.tail.count / 2] ^= 1
        let other = try SealedMessage(sealing: Array("words".utf8), binding: binding, recipients: [key.sealingKey])
        for sealed in [sealed, other] {
            #expect(throws: OpeningError.damaged) {
                try CandidateProfile(SealedProfile(sealed: sealed, binding: binding), with: KeyRing([key]))
            }
        }
    }
}
