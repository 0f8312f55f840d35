import Core
import Testing

@Suite struct IPNetworkTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.0/24", "192.0.2.255", true),
        ("192.0.2.0/24", "192.0.3.0", false), ("192.0.2.128/25", "192.0.2.127", false),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "192.0.2.1", false),
        ("::1", "::1", true), ("::1", "127.0.0.1", false), ("2001:db8::/32", "2001:DB8:ffff::9", true),
        ("[2001:db8::]/32", "2001:db9::", false), ("2001:db8::/33", "2001:db8:8000::", false),
        // The same address in other words.
        ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("::ffff:192.0.2.0/120", "192.0.2.9", true),
        ("2001:db8::/32", "IPv6:2001:db8::1", true), ("fe80::/10", "fe80::1%eth0", true),
        ("127.0.0.0/8", "", false), ("127.0.0.0/8", "unknown", false), ("127.0.0.0/8", "127.1", false),
    ])
    func `a network contains its addresses alone`(_ network: String, _ address: String, _ isIn: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(address) == isIn)
    }

    @Test(arguments: [
        "", "/8", "192.0.2.1/", "192.0.2.1/33", "192.0.2.1/-1", "192.0.2.1/+8", "192.0.2.1/24", "::1/129", "::1/64",
        "192.0.2", "mx.example", "192.0.2.0/255.255.255.0", "::ffff:192.0.2.0/24", "127.0.0.1 ",
    ])
    func `what is no network, or has bits behind its prefix, is refused`(_ text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test func `the host itself is on loopback`() {
        for (address, isLoopback) in [("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("192.0.2.1", false)] {
            #expect(IPNetwork.loopback.contains { $0.contains(address) } == isLoopback)
        }
    }
}
