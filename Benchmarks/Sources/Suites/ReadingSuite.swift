import Core
import Sealing
import Store
import TestSupport

/// Reading a page of a timeline: what the database asks, records and gives out, and all that leverctl does.
enum ReadingSuite: Suite {
    static let name = "reading"
    static let title = "Reading a page of a timeline"

    /// Messages of a page.
    private static let page = 50

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let candidate = CandidateID(rawValue: Int64(try site.query("SELECT min(candidate_id) FROM lever.thread"))!)
        try store(site)
        let conninfo = try reader(site)
        let ctl = LeverCtl(
            configuration: try site.directory.write("reader.yaml", "reader_database: \(conninfo)\n"),
            passphrase: "velvet otter saddles comet")
        let company = CompanyID(rawValue: site.company)
        let session = try ReaderSession(conninfo)
        let entries = try session.entries(company: company, candidate: candidate)
        let purpose = ReaderSession.Purpose(.open, reason: "benchmark")

        func milliseconds(_ body: () throws -> Void) throws -> Double {
            let start = now()
            try body()
            return (now() - start) * 1000
        }
        func timeline(_ last: Int, _ arguments: String...) throws -> Double {
            try milliseconds {
                try ctl.check(
                    "timeline", "--company", "Acme", "--candidate", "\(candidate)", "--last", "\(last)",
                    "--private-key", site.directory.file("acme.pem"))
            }
        }
        let results = try interleaved(
            plan.rounds(15, quick: 5),
            [
                { try milliseconds { for opened in try session.open(entries, purpose) { _ = try opened.get() } } },
                {
                    try milliseconds {
                        for entry in entries { _ = try session.open(entry: entry.entry, company: company, purpose) }
                    }
                },
                { try timeline(page) - timeline(1) },
            ])
        return [
            Line(
                name, "\(page) messages asked for, recorded and given out", Samples(results[0]), "ms",
                against: ("one by one", Samples(results[1])), target: .ratioAtMost(0.2)),
            Line(
                name, "leverctl timeline of \(page), beyond one of 1", Samples(results[2]), "ms",
                target: .valueAtMost(150)),
        ]
    }

    /// A user of the company.
    private static func reader(_ site: Site) throws -> String {
        try site.query("CREATE ROLE reader LOGIN IN ROLE lever_reader")
        try site.ctl.check(
            "user", "add", "reader", "--company", "Acme", "--role", "admin", "--email", "reader@acme.example")
        return site.postgres.connectionString(database: Site.database, user: "reader")
    }

    /// A page of replies that open, half of them HTML with a quotation.
    private static func store(_ site: Site) throws {
        let keys = try site.query("SELECT encode(public_key, 'hex') FROM lever.sealing_key").split(separator: "\n")
            .map { try SealingKey(subjectPublicKeyInfo: [UInt8](hex: $0)!) }
        let company = CompanyID(rawValue: site.company)
        let thread = ThreadID(rawValue: site.thread)
        let entries = try (0..<page).map { number in
            let time = Timestamp(milliseconds: Timestamp.now().milliseconds - Int64(page - number) * 1000)
            var record = MessageRecord(
                company: company, thread: thread, entry: .make(at: time), acceptedAt: time, host: "mx1",
                queueID: "4\(number)")
            let raw = Array(message(number, site.marker).utf8)
            record.direction = .inbound
            record.size = raw.count
            record.matched = .inReplyTo
            record.spooledAt = time
            record.indexVersion = 1
            record.dedupeKeys = [try randomBytes(32)]
            record.sealingKeyIDs = keys.map(\.keyID)
            let sealed = try SealedMessage(
                sealing: raw, binding: Binding(message: record.entry, company: company, thread: thread, time: time),
                recipients: keys)
            return IngestEntry(
                record,
                .content(
                    IngestEntry.Content(
                        head: sealed.head, tailLength: sealed.tail.count, readTail: { Array(sealed.tail[$0]) })))
        }
        guard try IngestSession(site.ingestDatabase).ingest(entries).allSatisfy({ $0 == .captured }) else {
            throw HarnessError("a message was not stored")
        }
    }

    private static func message(_ number: Int, _ marker: String) -> String {
        var mail = Mail.reply(to: marker, size: 3000)
        if number % 2 == 0 {
            let text = String(decoding: mail.body, as: UTF8.self).replacing("\r\n", with: "</p>\r\n<p>")
            mail.fields[mail.fields.count - 2].value = " text/html; charset=UTF-8"
            mail.body = Array(
                """
                <html><head><style>p { margin: 0 }</style></head><body><p>\(text)</p>\r
                <div class="gmail_quote">On Tue, 24 Nov 2026 at 10:29, Rita Example wrote:<blockquote>\(text)</blockquote></div>\r
                </body></html>\r\n
                """.utf8)
        }
        return mail.text.replacing(Mail.number, with: "\(4_711_000_000 + number)").replacing("\n", with: "\r\n")
    }
}
