import Core
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        ("anna@home.example", "anna@home.example"),
        // Case, in both parts.
        ("Anna.Berg@Home.EXAMPLE", "anna.berg@home.example"), ("ÄNNA@home.example", "änna@home.example"),
        // Quoted local parts and quoted pairs.
        ("\"anna\"@home.example", "anna@home.example"), ("\"Anna.Berg\"@home.example", "anna.berg@home.example"),
        ("\"an\\na\"@home.example", "anna@home.example"), ("\"anna berg\"@home.example", "anna berg@home.example"),
        ("\"a\\\"b\"@home.example", "a\"b@home.example"),
        ("\"rita@acme.example\"@home.example", "rita@acme.example@home.example"),
        // The final dot.
        ("anna@home.example.", "anna@home.example"),
        // Internationalised domains, in whatever spelling.
        ("anna@bücher.example", "anna@xn--bcher-kva.example"), ("anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("anna@bu\u{308}cher.example", "anna@xn--bcher-kva.example"),
        ("anna@XN--BCHER-KVA.example", "anna@xn--bcher-kva.example"),
        ("anna@straße.example", "anna@xn--strae-oqa.example"),
        ("anna@例え。example", "anna@xn--r8jz45g.example"),
        // What local parts have besides.
        ("o'neil+jobs=1@home.example", "o'neil+jobs=1@home.example"), ("a..b@home.example", "a..b@home.example"),
        ("a@host", "a@host"), ("a@under_score.example", "a@under_score.example"), ("a@[192.0.2.1]", "a@[192.0.2.1]"),
        ("a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]"),
    ])
    func `an address has one normal form`(_ text: String, _ normal: String) throws {
        let address = try #require(Address(text))
        #expect(address.text == normal)
        #expect(Address(path: text) == address)
        #expect(Address(path: "<\(text)>") == address)
        #expect(Address(address.mailbox) == address, "\(address.mailbox)")
    }

    @Test(arguments: [
        "", "@", "anna", "anna@", "@home.example", "anna@home..example", "anna@.example", "anna@-home.example",
        "anna@home-.example", "anna@ho me.example", "an na@home.example", "anna berg@home.example", "a@b@home.example",
        "<anna@home.example>", "Anna <anna@home.example>", "anna@home.example,eve@home.example",
        "anna@home.example (x)",
        "\"anna@home.example", "\"an\u{0}na\"@home.example", "\"an\r\nna\"@home.example", "\"a<b\"@home.example",
        "\"\"@home.example", "anna@[192.0.2.1", "anna@[192.0 .2.1]", "an\\na@home.example", "anna@home.example\n",
        "anna@\(String(repeating: "l", count: 64)).example", "anna@xn--\u{fc}.example", "an\u{7f}na@home.example",
        "team:anna@home.example;",
    ])
    func `what is no address alone is none`(_ text: String) {
        #expect(Address(text) == nil)
    }

    @Test(arguments: [
        ("<@relay.example,@other.example:Anna@home.example>", "anna@home.example", "home.example"),
        ("<>", "", nil), ("", "", nil), ("<Postmaster>", "postmaster", nil),
        // Taken by mail servers although it is no address: compared as it stands.
        ("<An Na@Home.example.>", "an na@home.example", "home.example"),
        ("<a@-Home.example>", "a@-home.example", "-home.example"),
        ("<a@>", "a@", nil),
    ])
    func `an envelope path is always taken`(_ path: String, _ text: String, _ domain: String?) {
        let address = Address(path: path)
        #expect(address.text == text)
        #expect(address.domain == domain)
        #expect(address.isNull == text.isEmpty)
    }

    @Test func `an envelope names an address in whatever spelling`() {
        let envelope = Envelope(
            sender: Address(path: "<\"Anna\"@HOME.example.>"), recipients: [Address(path: "<rita@bücher.example>")])
        #expect(envelope.names(Address(path: "anna@home.example")))
        #expect(envelope.names(Address(path: "Rita@xn--bcher-kva.example")))
        #expect(!envelope.names(Address(path: "eve@home.example")))
        #expect(envelope.domains == ["home.example", "xn--bcher-kva.example"])
    }

    @Test(arguments: [
        ("Home.Example", "home.example"), ("home.example.", "home.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("a-b.c1.example", "a-b.c1.example"), ("example", nil), ("", nil), (".example", nil), ("home..example", nil),
        ("-a.example", nil), ("a-.example", nil), ("a_b.example", nil), ("a b.example", nil), ("[192.0.2.1]", nil),
        ("\(String(repeating: "l", count: 63)).example", "\(String(repeating: "l", count: 63)).example"),
        ("\(String(repeating: "l", count: 64)).example", nil), (String(repeating: "abc.", count: 64) + "example", nil),
        ("home.example\u{0}", nil), ("a@home.example", nil),
    ])
    func `a domain has one normal form`(_ text: String, _ normal: String?) {
        #expect(Domain(text)?.text == normal)
    }
}
