/// The cost of libmilter itself: filters that do nothing, on libmilter and on a prototype in its place.
enum EngineSuite: Suite {
    static let name = "engine"
    static let title = "libmilter and a prototype in its place, with a filter that does nothing"

    static func run(_ plan: Plan) throws -> [Line] {
        let mail = Mail.reply(size: 10_000)
        return try [
            ("at DATA", MilterDialogue.Stage.data), ("at EOH", .endOfHeader), ("at the end", .endOfMessage),
        ].flatMap { title, stage in
            let stubs = try [Stub.Engine.native, .libmilter].map { try Stub(endingAt: stage, on: $0) }
            let load = MilterLoad(sessions: 16, duration: plan.pick(1.5, quick: 0.2), mails: [mail])
            let results = try interleaved(
                plan.rounds(9, quick: 3), stubs.map { stub in { try load.run(on: stub, endingAt: stage) } })
            func line(_ what: String, _ unit: String, _ value: (MilterLoad.Result) -> Double) -> Line {
                Line(
                    name, "accepted \(title): \(what) without libmilter", Samples(results[0].map(value)), unit,
                    against: ("libmilter", Samples(results[1].map(value))))
            }
            return [
                line("messages", "1/s") { $0.rate },
                line("processor time a message", "us") { $0.processorTimeOfMessage },
            ]
        }
    }
}
