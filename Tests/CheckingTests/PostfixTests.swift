import Testing

@testable import Checking

@Suite("Postfix's configuration, as read")
struct PostfixTests {
    @Test(
        "Lists of filters are read as Postfix reads them",
        arguments: [
            ("", []),
            ("unix:a.sock, inet:localhost:8891", ["unix:a.sock", "inet:localhost:8891"]),
            ("unix:a.sock\tinet:[::1]:8891", ["unix:a.sock", "inet:[::1]:8891"]),
            ("{ unix:a.sock, default_action=accept }, unix:b", ["unix:a.sock accept", "unix:b"]),
            ("{unix:a.sock,default_action=accept}", ["unix:a.sock accept"]),
            ("{ unix:a.sock, { default_action = accept } }", ["unix:a.sock accept"]),
            ("{ unix:a.sock", ["{ unix:a.sock"]),
        ])
    func list(_ text: String, _ expected: [String]) {
        let read = MilterReference.list(text).map { milter in
            milter.address + (milter.settings["default_action"].map { " \($0)" } ?? "")
        }
        #expect(read == expected)
    }

    @Test(
        "An address leads where a program of Postfix's gets to",
        arguments: [
            ("unix:lever/m.sock", false, "unix:/queue/lever/m.sock"),
            ("unix:lever/m.sock", true, "unix:/queue/lever/m.sock"),
            ("unix:/run/m.sock", false, "unix:/run/m.sock"), ("unix:/run/m.sock", true, "unix:/queue/run/m.sock"),
            ("inet:127.0.0.1:8891", true, "inet:127.0.0.1:8891"), ("inet:[::1]:8891", false, "inet:[::1]:8891"),
            ("inet:8891", false, nil), ("smtp:a", false, nil),
        ] as [(String, Bool, String?)])
    func endpoint(_ text: String, _ isChrooted: Bool, _ expected: String?) {
        let endpoint = MilterReference.list(text)[0].endpoint(queueDirectory: "/queue", isChrooted: isChrooted)
        #expect(endpoint?.description == expected)
    }

    @Test(
        "Whether a service runs in the chroot is a matter of its field, and of the default where that says nothing",
        arguments: [("y", "3.6", true), ("n", "0", false), ("-", "3.6", false), ("-", "0", true)])
    func chroot(_ field: String, _ level: String, _ expected: Bool) {
        let setup = PostfixSetup(
            parameters: ["compatibility_level": level],
            master: "smtp       inet  n       -       \(field)       -       -       smtpd -o a=b\n",
            overrides: [
                "smtp/inet/smtpd_milters": "", "smtp/unix/smtpd_milters": "x", "smtps/inet/smtpd_milters": "y",
            ])
        #expect(setup.services.map(\.isChrooted) == [expected])
        #expect(setup.services[0].overrides == ["smtpd_milters": ""])
        #expect(setup.value("smtpd_milters", setup.services[0]) == "")
    }

    @Test(
        "Times are read with their units",
        arguments: [("30", 30), ("30s", 30), ("2m", 120), ("1h", 3600), ("x", nil), ("", nil)] as [(String, Int?)])
    func times(_ text: String, _ expected: Int?) {
        #expect(PostfixSetup.seconds(text) == expected)
    }

    @Test(
        "Addresses are compared, not their spelling",
        arguments: [
            ("127.0.0.1", "localhost", true), ("0.0.0.0", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
            ("::1", "127.0.0.1", false),
        ])
    func addresses(_ one: String, _ other: String, _ expected: Bool) {
        #expect(Endpoint.tcp(host: one, port: 1).isReached(by: .tcp(host: other, port: 1)) == expected)
        #expect(!Endpoint.tcp(host: one, port: 1).isReached(by: .tcp(host: other, port: 2)))
    }

    @Test(
        "An address that others reach is told from one that this host alone does",
        arguments: [("127.0.0.1", true), ("::1", true), ("0.0.0.0", false), ("192.0.2.1", false), ("::", false)])
    func local(_ host: String, _ expected: Bool) {
        #expect(Endpoint.tcp(host: host, port: 1).isLocal == expected)
    }
}
