/// A message as the load driver sends it.
struct Mail {
    var sender = "<anna@home.example>"
    var recipients = ["<rita@acme.example>"]
    /// In the order of the header; the value is all that follows the colon.
    var fields: [(name: String, value: String)]
    /// CRLF lines.
    var body: [UInt8]

    /// Ten digits that are replaced by a different number in each message.
    static let number = "4711081547"

    /// A typical reply to a hiring team's mail: fifteen fields, 2 KB of header. `marker` is the message id it answers,
    /// with angle brackets; `size` is the body's bytes.
    static func reply(to marker: String? = nil, recipients: [String] = ["<rita@acme.example>"], size: Int) -> Mail {
        let answered = marker ?? "<0c7bd3ba-77a5-4d55-9a8e-3a5b1cbd16b5@mail.example>"
        let key = String(repeating: "Zm9vYmFyYmF6cXV4", count: 20)
        return Mail(
            recipients: recipients,
            fields: [
                (
                    "Received",
                    " from mail.home.example (mail.home.example [192.0.2.25])\n\tby mx.acme.example (Postfix) with ESMTPS id \(number)\n\tfor <rita@acme.example>; Wed, 25 Nov 2026 09:30:00 +0000 (UTC)"
                ),
                (
                    "Received",
                    " from [198.51.100.7] (unknown [198.51.100.7])\n\tby mail.home.example (Postfix) with ESMTPSA id 4Rqx1J2Vz1z9v\n\tfor <rita@acme.example>; Wed, 25 Nov 2026 09:29:58 +0000 (UTC)"
                ),
                (
                    "DKIM-Signature",
                    " v=1; a=rsa-sha256; c=relaxed/relaxed; d=home.example;\n\ts=2026; t=1795598998; h=from:to:subject:date:message-id:in-reply-to;\n\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n\tb=\(key)"
                ),
                ("Message-ID", " <\(number).anna@home.example>"),
                ("Date", " Wed, 25 Nov 2026 10:29:57 +0100"),
                ("MIME-Version", " 1.0"),
                ("User-Agent", " Mozilla Thunderbird"),
                ("Subject", " Re: Your application as a gardener"),
                ("Content-Language", " en-GB"),
                ("To", " Rita Example <rita@acme.example>"),
                ("References", " <first.7f3a@mail.acme.example>\n <second.8b1c@home.example>\n \(answered)"),
                ("From", " Anna Example <anna@home.example>"),
                ("In-Reply-To", " \(answered)"),
                ("Content-Type", " text/plain; charset=UTF-8; format=flowed"),
                ("Content-Transfer-Encoding", " 8bit"),
            ], body: text(size))
    }

    /// As a file: lines end in LF.
    var text: String {
        fields.map { "\($0.name):\($0.value)\n" }.joined() + "\n"
            + String(decoding: body, as: UTF8.self).replacing("\r\n", with: "\n")
    }

    /// Lines of that many bytes in total.
    private static func text(_ size: Int) -> [UInt8] {
        let line = Array("Dear Rita, thank you for your kind answer; I shall be glad to come on Friday.\r\n".utf8)
        var body: [UInt8] = []
        body.reserveCapacity(size)
        while body.count < size { body += line.prefix(size - body.count) }
        return body
    }
}
