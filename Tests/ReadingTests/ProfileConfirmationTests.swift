import Core
import DatabaseSupport
import Reading
import Sealing
import Store
import Testing
import Unsealing

@Suite struct ProfileConfirmationTests {
    private let key: PrivateKey
    private let binding = profileBinding()
    private let tail = Array("any bytes".utf8)

    init() throws {
        key = try .generate()
    }

    @Test func `a signature counts for one candidate's profile and the company's key`() throws {
        let keys = KeyRing([key])
        let signature = try ProfileConfirmation.signature(ofTail: tail, binding, keys: keys)
        func confirms(_ tail: [UInt8]? = nil, _ other: Binding? = nil, _ ring: KeyRing? = nil) throws -> Bool {
            try ProfileConfirmation.confirms(
                signature, tail: tail ?? self.tail, other ?? binding, keys: ring ?? keys)
        }
        #expect(try confirms())
        #expect(try confirms(nil, nil, KeyRing([.generate(), key])), "during a rotation, either key confirms")
        #expect(try !confirms(tail + [0]) && !confirms(Array(tail.dropLast())))
        #expect(try !confirms(nil, profileBinding()), "another entry and time: an older profile of the candidate")
        #expect(try !confirms(nil, profileBinding(company: 9)) && !confirms(nil, profileBinding(candidate: 9)))
        #expect(try !confirms(nil, nil, KeyRing([.generate()])))
        for length in [0, 1, signature.count - 1] {
            #expect(
                try !ProfileConfirmation.confirms(Array(signature.prefix(length)), tail: tail, binding, keys: keys))
        }
    }

    @Test(arguments: [
        ("Joerg", "joerg@home.example>\r\nDATA\r\nFrom: Tom <tom@acme.example>\r\n\r\nforged\r\n.\r\nNOOP <"),
        ("Joerg", "joerg@home.example\r\nRCPT TO:<eve@evil.example"), ("Joerg", "joerg@home.example\nX"),
        ("Joerg", "joerg@home.example\r"), ("Joerg", "joerg@home.example\u{0}.evil.example"),
        ("Joerg", "<joerg@home.example>"), ("Joerg", "joerg@home.example> SIZE=1"), ("Joerg", "joerg"), ("Joerg", ""),
        ("Joerg", "joerg@home.example, eve@evil.example"), ("Joerg", "joerg@home.example eve@evil.example"),
        ("Joerg", "list: joerg@home.example;"), ("Joerg", "joerg@home.example\u{2028}"),
        ("Joerg", "j\u{1b}@home.example"),
        ("Joerg", "\(String(repeating: "j", count: 250))@home.example"), ("Joerg", "joerg@home.example\u{85}"),
        ("Joerg\r\nBcc: eve@evil.example", "joerg@home.example"), ("Joerg\u{0}", "joerg@home.example"),
        ("Joerg\nX: y", "joerg@home.example"), ("Joerg\u{2029}", "joerg@home.example"),
    ])
    func `what nobody can have typed in does not open`(name: String, email: String) throws {
        let sealed = try SealedMessage(
            sealing: CandidateProfile(name: name, email: email).bytes, binding: binding, recipients: [key.sealingKey])
        #expect(throws: OpeningError.unusable) {
            try CandidateProfile(SealedProfile(sealed: sealed, binding: binding), with: KeyRing([key]))
        }
    }

    @Test(arguments: ["Joerg@Home.Example", "joerg@büro.example", "\"j o\"@home.example", "jörg@home.example"])
    func `what people type in opens as it was typed`(email: String) throws {
        let profile = CandidateProfile(name: "Jörg \"J\" <Müller>, Dr.", email: email)
        let sealed = try SealedMessage(sealing: profile.bytes, binding: binding, recipients: [key.sealingKey])
        #expect(try CandidateProfile(SealedProfile(sealed: sealed, binding: binding), with: KeyRing([key])) == profile)
    }
}
