/// The filter beside others that mail hosts run, over the milter protocol.
enum PeersSuite: Suite {
    static let name = "peers"
    static let title = "Beside other filters, over the milter protocol"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let filters: [any MilterServer] = [try LeverMilter(site: site)] + (try Peers.all())
        return try [1, 16].flatMap { sessions in
            let load = MilterLoad(
                sessions: sessions, duration: plan.pick(1.5, quick: 0.4), mails: [.reply(size: 10_000)])
            let results = try interleaved(
                plan.rounds(9, quick: 3),
                filters.enumerated().map { index, filter in
                    { try load.run(on: filter, endingAt: index == 0 ? .endOfHeader : .endOfMessage).rate }
                })
            return zip(filters, results).dropFirst().map { filter, theirs in
                Line(
                    name, "unmarked 10 KB, \(sessions) session\(sessions == 1 ? "" : "s"): messages",
                    Samples(results[0]), "1/s", against: (filter.name, Samples(theirs)))
            }
        }
    }
}
