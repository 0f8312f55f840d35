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
        ("<@>", "", nil),
        // Taken by Postfix although it is no address: read as Postfix rewrites it.
        ("<An Na@Home.example.>", "an na@home.example", "home.example"),
        ("<council @acme.example>", "council@acme.example", "acme.example"),
        ("< council@ acme . example >", "council@acme.example", "acme.example"),
        ("<(x)council(y (z))@(a)acme.example(b)>", "council@acme.example", "acme.example"),
        ("<coun\\cil@acme.example>", "council@acme.example", "acme.example"),
        ("<\"coun\"cil@acme.example>", "coun cil@acme.example", "acme.example"),
        ("<\"Rita\".noor@acme.example>", "rita.noor@acme.example", "acme.example"),
        ("<\"rita\" . \"noor\"@acme.example>", "rita.noor@acme.example", "acme.example"),
        ("<council@\"acme.example\">", "council@acme.example", "acme.example"),
        ("<council@\"ACME\".example.>", "council@acme.example", "acme.example"),
        ("<council@acme.example..>", "council@acme.example..", "acme.example.."),
        ("<council%acme.example>", "council@acme.example", "acme.example"),
        ("<council%acme.example.>", "council@acme.example", "acme.example"),
        ("<a%b%acme.example>", "a%b@acme.example", "acme.example"),
        ("<acme.example!council>", "council@acme.example", "acme.example"),
        ("<ACME.example!b!council>", "b!council@acme.example", "acme.example"),
        ("<\"council%acme.example\">", "council%acme.example", nil),
        ("<@relay.example:council%acme.example>", "council@acme.example", "acme.example"),
        ("<council@[192.0.2.1]>", "council@[192.0.2.1]", "[192.0.2.1]"),
        ("<council @[192.0. 2.1]>", "council@[192.0. 2.1]", "[192.0. 2.1]"),
        ("<council @büro.example>", "council@xn--bro-hoa.example", "xn--bro-hoa.example"),
        ("<council@ａｃｍｅ．example>", "council@acme.example", "acme.example"),
        ("<COUNCIL \"@acme.example>", "council @acme.example", nil),
        ("<council\\", "<council", nil), ("<(((((", "<", nil), ("<[", "<[]", nil),
        ("<a@-Home.example>", "a@-home.example", "-home.example"),
        ("<a@>", "a@", nil),
    ])
    func `an envelope path is always taken`(_ path: String, _ text: String, _ domain: String?) {
        let address = Address(path: path)
        #expect(address.text == text)
        #expect(address.domain == domain)
        #expect(address.isNull == text.isEmpty)
    }

    @Test(arguments: [
        ("rita+jobs@acme.example", "+", "rita@acme.example"), ("rita+a+b@acme.example", "+", "rita@acme.example"),
        ("rita@acme.example", "+", "rita@acme.example"), ("+rita@acme.example", "+", "+rita@acme.example"),
        ("++rita@acme.example", "+", "++rita@acme.example"), ("rita+@acme.example", "+", "rita@acme.example"),
        ("rita-a+b@acme.example", "+-", "rita@acme.example"), ("rita+a-b@acme.example", "-+", "rita@acme.example"),
        ("rita-a@acme.example", "+", "rita-a@acme.example"), ("rita.a=b@acme.example", ".=", "rita@acme.example"),
        ("owner-list@acme.example", "-", "owner-list@acme.example"),
        ("list-request@acme.example", "-", "list-request@acme.example"),
        ("Owner-list@acme.example", "+-", "owner-list@acme.example"),
        ("-request@acme.example", "-", "-request@acme.example"),
        ("owner-list+x@acme.example", "+", "owner-list@acme.example"),
        ("Mailer-Daemon@acme.example", "-", "mailer-daemon@acme.example"),
        ("double-bounce@acme.example", "-", "double-bounce@acme.example"),
        ("postmaster@acme.example", "m", nil), ("a@acme.example", "", nil), ("a@acme.example", "++", nil),
        ("a@acme.example", "+ ", nil), ("a@acme.example", "@", nil), ("a@acme.example", "+-=_.#~!$", nil),
    ])
    func `an extension is split off as Postfix splits it`(_ text: String, _ delimiters: String, _ base: String?) {
        #expect(RecipientDelimiters(delimiters).map { $0.base(of: Address(path: text)).text } == base)
    }

    @Test(arguments: [
        ("council%acme.example@mx.example", "council@acme.example"),
        ("\"council@acme.example\"@mx.example", "council@acme.example"),
        ("acme.example!council@mx.example", "council@acme.example"),
        ("\"council%acme.example\"", "council@acme.example"),
        ("council@acme.example", nil), ("council", nil), ("50%@acme.example", nil),
    ])
    func `an address in a local part is the one that a server may route to`(_ text: String, _ routed: String?) {
        #expect(Address(path: text).routed?.text == routed)
    }

    @Test(arguments: ["(", "\"", "\\", "[", "a ", "@", "%", "!", "<", "a.", "(\\", "\"\""])
    func `reading a path takes time in proportion to its length`(_ unit: String) {
        // Each would take minutes in a parser that starts over at every character.
        let address = Address(path: "<\(String(repeating: unit, count: 500_000 / unit.utf8.count))@acme.example>")
        #expect(address.text.utf8.count <= 1_100_000)
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
