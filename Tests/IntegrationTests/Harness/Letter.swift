/// A message to be sent. Lines end in CRLF.
struct Letter {
    var fields: [(name: String, value: String)]
    var body: [UInt8]

    /// A message with a Message-ID of its own.
    init(_ subject: String, id: String = unique(), body: String = "Dear all,\r\n\r\nthis is a test.\r\n") {
        fields = [
            ("From", "Anna Berg <anna@home.example>"), ("To", "Rita Noor <rita@acme.example>"), ("Subject", subject),
            ("Date", "Mon, 23 Nov 2026 09:12:44 +0100"), ("Message-ID", "<\(id)@home.example>"),
        ]
        self.body = Array(body.utf8)
    }

    /// The same message as a reply to that message id, with angle brackets.
    func answering(_ id: String) -> Letter {
        with("In-Reply-To", id)
    }

    /// A message of a company's thread; a large one has many body chunks, and two parts in the database.
    static func marked(by tenant: MailHost.Tenant, isLarge: Bool = false) -> Letter {
        let body = String(repeating: "All work and no play.\r\n", count: isLarge ? 60_000 : 1)
        return Letter("Marked", body: body).answering(tenant.marker)
    }

    /// The same message with a field appended to its header.
    func with(_ name: String, _ value: String) -> Letter {
        var copy = self
        copy.fields.append((name, value))
        return copy
    }

    var bytes: [UInt8] {
        Array(fields.map { "\($0.name): \($0.value)\r\n" }.joined().utf8) + [13, 10] + body
    }

    /// A word unique to this call.
    static func unique() -> String {
        String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }
}

extension [UInt8] {
    /// A Unix file with the line ends of mail: every LF becomes CRLF.
    var withCRLF: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(count + count / 16)
        for line in split(separator: 10, omittingEmptySubsequences: false) {
            result.append(contentsOf: line)
            result.append(13)
            result.append(10)
        }
        return Array(result.dropLast(2))
    }

    /// Every occurrence of a text replaced.
    func replacing(_ text: String, with other: String) -> [UInt8] {
        replacing(Array(text.utf8), with: Array(other.utf8))
    }

    /// True if the text stands in these bytes.
    func contains(_ text: String) -> Bool {
        firstRange(of: Array(text.utf8)) != nil
    }
}
