import Core
import Foundation
import Spool
import Store
import TestSupport

/// The cost of many companies to a mail host.
enum RoutingSuite: Suite {
    static let name = "routing"
    static let title = "Many companies"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let few = try RoutedSpool(site: site, companies: 100)
        return try plan.pick([1000, 10_000, 100_000], quick: [100_000]).flatMap { companies in
            let many = try RoutedSpool(site: site, companies: companies)
            return try lines(plan, site, few, many)
        }
    }

    private static func lines(
        _ plan: Plan, _ site: Site, _ few: RoutedSpool, _ many: RoutedSpool
    ) throws -> [Line] {
        func point(_ curve: String) -> Line.Point {
            .init(curve: curve, axis: "companies", x: Double(many.companies))
        }
        let load = Samples(try (0..<plan.rounds(9, quick: 3)).map { _ in try many.loadTime() })
        let (small, large) = (try few.filter(), try many.filter())
        let memory = try residentMemory(of: large.pid) - residentMemory(of: small.pid)
        let peak = try peakMemory(of: large.pid) - peakMemory(of: small.pid)
        let title = "\(many.companies) companies"
        var lines = [
            Line(name, "\(title): loaded", load, "s", target: .valueAtMost(1), point: point("loaded")),
            Line(
                name, "\(title): memory beyond that of \(few.companies)", Samples([Double(memory) / 1e6]), "MB",
                target: .valueAtMost(100), point: point("memory")),
            Line(
                name, "\(title): the same while loading", Samples([Double(peak) / 1e6]), "MB",
                point: point("memory while loading")),
        ]
        let duration = plan.pick(1.5, quick: 0.5)
        let results = try interleaved(
            plan.rounds(9, quick: 3),
            [(large, many), (small, few)].map { filter, spool in
                {
                    try MilterLoad(sessions: 8, duration: duration, mails: spool.forged(site.marker))
                        .run(on: filter, endingAt: .endOfHeader).processorTimeOfMessage
                }
            })
        lines.append(
            Line(
                name, "\(title): processor time of a marker", Samples(results[0]), "us",
                against: ("\(few.companies) companies", Samples(results[1])),
                target: .ratioAtMost(1.05), point: point("a marker")))
        return lines
    }
}

/// A spool with a copy of routing for that many companies, for a daemon without a database.
final class RoutedSpool {
    let companies: Int
    private let site: Site
    private let directory: TemporaryDirectory
    private let file: RoutingFile

    /// The database's routing with additional companies like the site's.
    init(site: Site, companies: Int) throws {
        self.companies = companies
        self.site = site
        directory = try TemporaryDirectory("routing")
        try directory.makeDirectory("spool", mode: 0o700)
        file = RoutingFile(path: directory.file("spool/routing"))
        let rows = try IngestSession(site.ingestDatabase).routing()
        try file.save(
            rows
                + (1..<companies).flatMap { number in
                    rows.map { row in
                        var row = row
                        row.company = CompanyID(rawValue: Int64(number + 1000))
                        switch row.item {
                        case .domain: row.name = Self.domain(number)
                        // Every company has keys of its own, so that none is shared.
                        case .sealingKey, .markerKey, .indexKey: row.value[row.value.count - 1] ^= UInt8(number & 0xff)
                        default: break
                        }
                        return row
                    }
                })
    }

    private static func domain(_ number: Int) -> String { "company-\(number).example" }

    /// Seconds to load the file into the lookup table.
    func loadTime() throws -> Double {
        let start = now()
        guard let rows = try file.load(), try Routing(rows: rows).count == companies else {
            throw HarnessError("the copy of routing has not \(companies) companies")
        }
        return now() - start
    }

    /// A daemon that knows these companies.
    func filter() throws -> LeverMilter {
        try LeverMilter(
            site: site, spool: directory.file("spool"), database: "host=127.0.0.1 port=1 dbname=nowhere")
    }

    /// Mail to companies all over the table, each with a well-formed marker whose MAC is wrong.
    func forged(_ marker: String) -> [Mail] {
        let domain = String(marker.split(separator: "@").last!.dropLast())
        return (0..<50).map { index in
            let number = 1 + (index * 7919 + 13) % (companies - 1)
            let forged = Marker(
                keyID: 1, company: CompanyID(rawValue: Int64(number + 1000)), thread: ThreadID(rawValue: 1),
                nonce: UInt32(index), domain: domain, authenticate: { _ in [UInt8](repeating: 0, count: 32) })
            return .reply(to: forged.messageID, recipients: ["<rita@\(Self.domain(number))>"], size: 1000)
        }
    }
}
