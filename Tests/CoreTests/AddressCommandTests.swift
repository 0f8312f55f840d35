import Core
import Testing

@Suite struct AddressCommandTests {
    @Test(
        arguments: [
            ("joerg@home.example", "joerg@home.example"), ("Joerg@Home.example", "Joerg@Home.example"),
            ("joerg@büro.example", "joerg@xn--bro-hoa.example"), ("joerg@home.example.", "joerg@home.example"),
            ("\"j o\"@home.example", "\"j o\"@home.example"), ("\"joerg\"@home.example", "joerg@home.example"),
            ("Joerg@Büro.example", "Joerg@xn--bro-hoa.example"), ("Jörg@home.example", "Jörg@home.example"),
            ("Jörg@Büro.example", "Jörg@xn--bro-hoa.example"),
            ("\"jörg x\"@büro.example", "\"jörg x\"@xn--bro-hoa.example"),
            ("jörg\u{85}@home.example", nil), ("jörg\u{2028}@home.example", nil), ("joerg", nil), ("", nil),
            ("a@b.example\r\nDATA", nil),
            ("a@b.example\r\n ", nil),
            ("a@b.example>", nil), ("\"a\\\r\"@b.example", nil), ("\"a<b\"@c.example", nil),
            ("a@b.example, c@d.example", nil),
            ("a@b.example\u{0}", nil), ("\(String(repeating: "a", count: 250))@b.example", nil),
            ("\(String(repeating: "a", count: 50))@b.example", "\(String(repeating: "a", count: 50))@b.example"),
        ] as [(String, String?)])
    func `an address goes into a command in one form, or not at all`(text: String, command: String?) {
        #expect(Address.command(text) == command)
    }
}
