/// A message that the soak sends, and its expected fate.
struct Mail: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// In a thread of a company on limited sync that takes part: to be stored, once.
        case marked
        /// Without a marker, in or out of such a company.
        case unmarked
        /// No company takes part.
        case unrelated
        /// A marker that does not count: forged, of a company on full sync, or of one that does not take part.
        case wrong
        /// Marked, and broken off before its end: never to be stored.
        case aborted
    }

    let number: Int
    let kind: Kind
    /// Where it belongs, if it is to be stored: indices of a company and of a thread in it.
    let place: (company: Int, thread: Int)?
    let from: String
    let to: [String]
    let marker: String?
    let bytes: [UInt8]

    var subject: String { Self.subject(number) }

    static func subject(_ number: Int) -> String { "Soak \(number)" }

    /// The number in a subject.
    static func number(inSubject subject: String) -> Int? {
        subject.hasPrefix("Soak ") ? Int(subject.dropFirst(5)) : nil
    }

    /// One of that kind at random: who writes to whom, where the marker stands, how large it is.
    static func random(_ kind: Kind, number: Int, for site: Site) -> Mail {
        let company = Int.random(in: site.companies.indices)
        let thread = Int.random(in: site.companies[company].threads.indices)
        let domain = site.companies[company].domain
        var (from, to) = envelope(domain)
        var marker: String?
        var isStored = false
        switch kind {
        case .marked, .aborted:
            marker = site.companies[company].threads[thread].marker
            isStored = kind == .marked
        case .unmarked: break
        case .unrelated: (from, to) = ("anna@home.example", ["ben@elsewhere.example"])
        case .wrong:
            switch Int.random(in: 0..<3) {
            case 0: marker = forged(site.companies[company].threads[thread].marker)
            case 1: (marker, to) = (site.fullSync.threads[0].marker, ["hank@\(site.fullSync.domain)"])
            default: marker = site.companies[(company + 1) % site.companies.count].threads[0].marker
            }
        }
        return Mail(
            number: number, kind: kind, place: isStored ? (company, thread) : nil, from: from, to: to,
            marker: marker, bytes: content(number, from: from, to: to, marker: marker, size: size()))
    }

    /// In, out, inside, and out with a colleague in copy.
    private static func envelope(_ domain: String) -> (from: String, to: [String]) {
        switch Int.random(in: 0..<4) {
        case 0: ("anna@home.example", ["rita@\(domain)"])
        case 1: ("rita@\(domain)", ["anna@home.example"])
        case 2: ("rita@\(domain)", ["paul@\(domain)"])
        default: ("rita@\(domain)", ["paul@\(domain)", "anna@home.example"])
        }
    }

    private static func forged(_ marker: String) -> String {
        var letters = Array(marker)
        letters[50] = letters[50] == "a" ? "b" : "a"
        return String(letters)
    }

    /// Approximate bytes: most are short, a few have megabytes.
    private static func size() -> Int {
        switch Int.random(in: 0..<100) {
        case 0..<70: Int.random(in: 1_000..<4_000)
        case 70..<92: Int.random(in: 4_000..<64_000)
        case 92..<99: Int.random(in: 64_000..<500_000)
        default: Int.random(in: 1_000_000..<5_000_000)
        }
    }

    /// A short text and an attachment that makes up the size.
    private static func content(_ number: Int, from: String, to: [String], marker: String?, size: Int) -> [UInt8] {
        var head = """
            From: <\(from)>\r
            To: \(to.map { "<\($0)>" }.joined(separator: ", "))\r
            Subject: \(subject(number))\r
            Date: Mon, 23 Nov 2026 09:12:44 +0100\r
            Message-ID: <soak-\(number)@home.example>\r

            """
        if let marker {
            head +=
                Bool.random()
                ? "In-Reply-To: \(marker)\r\n" : "References: \(marker)\r\n <before-\(number)@home.example>\r\n"
        }
        head += """
            MIME-Version: 1.0\r
            Content-Type: multipart/mixed; boundary="b1"\r
            \r
            --b1\r
            \r
            Message \(number).\r
            .. and a line that begins with dots.\r
            --b1\r
            Content-Type: application/octet-stream; name="file"\r
            Content-Transfer-Encoding: base64\r
            \r

            """
        let start = Int.random(in: 0..<1000) * line
        let lines = max(1, (size - head.utf8.count) / line)
        return Array(head.utf8) + filler[start..<start + lines * line] + Array("--b1--\r\n".utf8)
    }

    /// Bytes of a line of the filler.
    private static let line = 78
    private static let filler: [UInt8] = {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(66_000 * line)
        for _ in 0..<66_000 {
            for _ in 0..<19 {
                let word = UInt32.random(in: 0...UInt32.max)
                for shift in [0, 8, 16, 24] { bytes.append(alphabet[Int(word >> UInt32(shift)) & 63]) }
            }
            bytes += [13, 10]
        }
        return bytes
    }()
}
