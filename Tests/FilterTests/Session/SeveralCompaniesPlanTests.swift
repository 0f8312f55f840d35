import Core
import Glibc
import Inspection
import Sealing
import Testing

/// Plans of messages that are of several companies' threads, or are sent to many companies.
@Suite struct SeveralCompaniesPlanTests {
    private func plans(
        _ header: BoundedHeader, from sender: String, to recipients: [String], routing: Routing, learned: LearnedThreads
    ) throws -> [Plan] {
        try Plan.all(
            header: header,
            envelope: Envelope(
                sender: Address(path: sender), recipients: recipients.map(Address.init(path:))),
            rules: InspectionContext(routing: routing, markerDomains: FilterFixture.domains, learned: learned))
    }

    private func planned(
        _ fields: [(String, String)], to recipients: [String] = ["<rita@acme.example>", "<ines@initech.example>"],
        rows: [Routing.Row] = [], learned: LearnedThreads = LearnedThreads()
    ) throws -> [String] {
        var header = BoundedHeader(messageSizeLimit: 1_000_000)
        for (name, value) in fields + [("From", "anna@home.example")] {
            header.append(name: Array(name.utf8), value: Array(value.utf8))
        }
        return try plans(
            header, from: "<anna@home.example>", to: recipients,
            routing: Routing(rows: FilterFixture.rows() + FilterFixture.initechRows + rows), learned: learned
        ).map { plan in
            "\(plan.outcome.rawValue) \(plan.match.map { "\($0.company.id) \($0.found.thread)" } ?? "")"
        }
    }

    @Test func `a message with true markers of several companies is planned for each, by the first that holds`() throws
    {
        let (one, other) = (FilterFixture.marker(thread: 6), FilterFixture.marker(FilterFixture.initech, thread: 7))
        let later = FilterFixture.marker(thread: 8)
        #expect(
            try planned([("In-Reply-To", other), ("References", "\(later) \(one)")]) == [
                "captured 4 7", "captured 1 6",
            ])
        // One of them takes no part, or its marker is false.
        #expect(try planned([("References", "\(one) \(other)")], to: ["<rita@acme.example>"]) == ["captured 1 6"])
        let forged = FilterFixture.marker(FilterFixture.initech, thread: 7, key: HMACKey([9]))
        #expect(try planned([("References", "\(one) \(forged)")]) == ["captured 1 6"])
        #expect(try planned([("References", forged)]) == ["bad_signature "])
    }

    @Test func `what one company does with a message is no other company's business`() throws {
        let both = [
            ("References", FilterFixture.marker(thread: 6) + FilterFixture.marker(FilterFixture.initech, thread: 7))
        ]
        let press = Routing.Row(company: FilterFixture.initech, item: .neverDomain, name: "press.example")
        #expect(try planned(both + [("Cc", "x@press.example")], rows: [press]) == ["captured 1 6"])
        #expect(
            try planned(both, rows: FilterFixture.capture(.forward)) == ["captured 4 7", "forwarded 1 6"])
        #expect(try planned(both, rows: FilterFixture.capture(.observe)) == ["captured 4 7", "observe_only 1 6"])
        // Recognised by one of them without a marker.
        let learned = LearnedThreads()
        let key = Routing.IndexKey(version: 1, key: Array(repeating: 3, count: 32))
        let index = Routing.IndexKey.learnedIndex(
            messageIDIndex: try key.messageIDIndex(Array("m1@initech.example".utf8)),
            partyIndex: try key.addressIndex(Address(path: "anna@home.example")))
        learned.threads.insert([(index[...], Int64(9))])
        let mixed = [("In-Reply-To", "<m1@initech.example>"), ("References", FilterFixture.marker(thread: 6))]
        #expect(try planned(mixed, learned: learned) == ["captured 1 6", "captured 4 9"])
        #expect(try planned([mixed[0]], learned: learned) == ["captured 4 9"])
    }

    /// CPU seconds of this thread, the least of several runs.
    private func cost(companies count: Int, of routing: Routing, learned: LearnedThreads) throws -> Double {
        let lists = ["a,", "p@home.example, "].map {
            String(repeating: "\n " + String(repeating: $0, count: 50), count: 25)
        }
        let fields = [
            ("From", "anna@home.example"), ("To", lists[0]), ("Cc", lists[1]),
            ("References", "<abc@hire.lever.co> " + (0..<40).map { "<a\($0)@b>" }.joined(separator: "\n ")),
            ("Authentication-Results", "mx.acme.example; " + String(repeating: "spf=pass a=b;\n ", count: 800)),
        ]
        var header = BoundedHeader(messageSizeLimit: 1_000_000)
        for (name, value) in fields { header.append(name: Array(name.utf8), value: Array(value.utf8)) }
        return try (0..<5).map { _ in
            let start = clock()
            let all = try plans(
                header, from: "<anna@home.example>", to: (0..<count).map { "<x@c\($0).example>" }, routing: routing,
                learned: learned)
            #expect(all.map(\.outcome) == [.unsignedMarker])
            return clock() - start
        }.min()!
    }

    private func clock() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test func `a large header to two hundred companies costs no more than three times what it costs for one`() throws {
        let rows = (0..<200).flatMap { number in
            let company = CompanyID(rawValue: Int64(100 + number))
            return [
                Routing.Row(company: company, item: .company, name: "limited"),
                Routing.Row(company: company, item: .domain, name: "c\(number).example"),
                Routing.Row(
                    company: company, item: .indexKey, version: 1, value: Array(repeating: UInt8(number), count: 32)),
                Routing.Row(company: company, item: .neverDomain, name: "press.example"),
            ]
        }
        let (routing, learned) = (try Routing(rows: rows), LearnedThreads())
        learned.threads.insert([([UInt8](repeating: 1, count: 16)[...], Int64(9))])
        let one = try cost(companies: 1, of: routing, learned: learned)
        let many = try cost(companies: 200, of: routing, learned: learned)
        #expect(many < 3 * one, "\(one * 1000) ms for one, \(many * 1000) ms for 200")
    }
}
