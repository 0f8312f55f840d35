/// How cost grows with load and sizes. The suites `routing` and `timeline` measure the number of companies and of
/// stored messages.
enum GrowthSuite: Suite {
    static let name = "growth"
    static let title = "How cost grows"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        return try sessions(plan, site) + sizes(plan, site)
    }

    private static func sessions(_ plan: Plan, _ site: Site) throws -> [Line] {
        let (ours, stub) = (try LeverMilter(site: site), try Stub(endingAt: .endOfHeader))
        return try plan.pick([1, 2, 4, 8, 16, 32, 64, 128, 256], quick: [1, 16, 256]).map { sessions in
            let load = MilterLoad(
                sessions: sessions, duration: plan.pick(1, quick: 0.2), mails: [.reply(size: 10_000)])
            let results = try interleaved(
                plan.rounds(5, quick: 1),
                [ours, stub].map { (filter: any MilterServer) in
                    { try load.run(on: filter, endingAt: .endOfHeader).rate }
                })
            return Line(
                name, "sessions, accepted at EOH: \(sessions)", Samples(results[0]), "1/s",
                against: ("stub", Samples(results[1])),
                point: .init(curve: "accepted at the end of the header", axis: "sessions at once", x: Double(sessions)))
        }
    }

    private static func sizes(_ plan: Plan, _ site: Site) throws -> [Line] {
        let ours = try LeverMilter(
            site: site, database: "host=127.0.0.1 port=1 dbname=nowhere", settings: "in_flight_limit: 3000000000")
        return try plan.pick([1, 10, 100, 1000, 10_000, 25_000], quick: [1, 100, 10_000]).map { kilobytes in
            let size = kilobytes * 1000
            let load = MilterLoad(
                sessions: 4, duration: plan.pick(1, quick: 0.2), mails: [.reply(to: site.marker, size: size)])
            let raw = try RawSpool(size: size + 3000)
            let results = try interleaved(
                plan.rounds(5, quick: 1),
                [
                    { 1000 / (try load.run(on: ours, endingAt: .endOfMessage).rate) },
                    { 1000 / (try raw.rate(threads: 4, duration: load.duration)) },
                ])
            return Line(
                name, "size of a captured message, KB: \(kilobytes)", Samples(results[0]), "ms",
                against: ("raw fsync loop", Samples(results[1])),
                point: .init(curve: "captured, 4 sessions", axis: "bytes of a message", x: Double(size)))
        }
    }
}
