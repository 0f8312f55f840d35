/// The filter compared with others that mail hosts run, over the milter protocol.
enum PeersSuite: Suite {
    static let name = "peers"
    static let title = "Compared with other filters, over the milter protocol"

    static func run(_ plan: Plan) throws -> [Line] {
        let peers = try Peers.shared.get()
        let site = try Site()
        let ours = try LeverMilter(site: site)
        return try plan.pick([1, 16], quick: [16]).flatMap { sessions in
            let load = MilterLoad(
                sessions: sessions, duration: plan.pick(1.5, quick: 0.4), mails: [.reply(size: 10_000)])
            let results = try interleaved(
                plan.rounds(9, quick: 2),
                [{ try load.run(on: ours, endingAt: .endOfHeader).rate }]
                    + peers.map { peer in { try load.run(on: peer, endingAt: peer.end).rate } })
            return zip(peers, results.dropFirst()).map { peer, theirs in
                Line(
                    name, "unmarked 10 KB, \(sessions) session\(sessions == 1 ? "" : "s"): messages",
                    Samples(results[0]), "1/s", against: (peer.name, Samples(theirs)))
            }
        }
    }
}
