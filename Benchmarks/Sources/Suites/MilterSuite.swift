import TestSupport

/// The filter as Postfix sees it, over the milter protocol.
enum MilterSuite: Suite {
    static let name = "milter"
    static let title = "Over the milter protocol"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let ours = try LeverMilter(site: site)
        var lines: [Line] = []
        // No company on limited sync: accepted at DATA. A company on limited sync, no marker: at the end of the header.
        let other = Mail.reply(recipients: ["<joe@other.example>"], size: 10_000)
        let unmarked = Mail.reply(size: 10_000)
        for (name, mail, stage) in [
            ("accepted at DATA", other, MilterDialogue.Stage.data), ("accepted at EOH", unmarked, .endOfHeader),
        ] {
            let stub = try Stub(endingAt: stage)
            for sessions in plan.pick([1, 16], quick: [16]) {
                let load = MilterLoad(sessions: sessions, duration: plan.pick(2, quick: 0.3), mails: [mail])
                let results = try interleaved(
                    plan.rounds(9, quick: 3),
                    [
                        { try load.run(on: ours, endingAt: stage) }, { try load.run(on: stub, endingAt: stage) },
                    ])
                lines += Self.lines("\(name), \(sessions) sessions", stage, ours: results[0], stub: results[1])
            }
        }
        try ours.stop()
        lines += try captured(plan, site)
        return lines
    }

    private static func lines(
        _ name: String, _ stage: MilterDialogue.Stage, ours: [MilterLoad.Result], stub: [MilterLoad.Result]
    ) -> [Line] {
        func line(_ what: String, _ unit: String, target: Line.Target? = nil, _ value: (MilterLoad.Result) -> Double)
            -> Line
        {
            Line(
                Self.name, "\(name): \(what)", Samples(ours.map(value)), unit,
                against: ("stub", Samples(stub.map(value))),
                target: target)
        }
        return [
            line("messages", "1/s", target: .ratioAtLeast(0.97)) { $0.rate },
            line("processor time a message", "us") { $0.processorTimeOfMessage },
            line("reply, p50", "us") { $0.latency(stage, 0.5) },
            line("reply, p99", "us") { $0.latency(stage, 0.99) },
            line("reply, p99.9", "us") { $0.latency(stage, 0.999) },
        ]
    }

    /// Marked mail, compared with the disk alone, and with the minimum that also receives each message over milter: the
    /// time of the stub plus that of the disk. The database is down, so only the path into the spool is measured.
    private static func captured(_ plan: Plan, _ site: Site) throws -> [Line] {
        let ours = try LeverMilter(site: site, database: "host=127.0.0.1 port=1 dbname=nowhere")
        let stub = try Stub(endingAt: .endOfMessage)
        let load = MilterLoad(
            sessions: 16, duration: plan.pick(2, quick: 0.3), mails: [.reply(to: site.marker, size: 10_000)])
        let raw = try RawSpool(size: 13_000)
        let results = try interleaved(
            plan.rounds(9, quick: 3),
            [
                { try load.run(on: ours, endingAt: .endOfMessage).rate },
                { try raw.rate(threads: 16, duration: load.duration) },
                { try load.run(on: stub, endingAt: .endOfMessage).rate },
            ])
        let both = zip(results[1], results[2]).map { 1 / (1 / $0 + 1 / $1) }
        let title = "captured 10 KB, 16 sessions: messages"
        return [
            Line(
                name, title, Samples(results[0]), "1/s", against: ("raw fsync loop", Samples(results[1])),
                target: .ratioAtLeast(0.9)),
            Line(name, title, Samples(results[0]), "1/s", against: ("stub and raw fsync loop", Samples(both))),
        ] + (try capturedOnSlowDisk(plan, site))
    }

    /// The same with fsync slowed by some milliseconds, as on most mail hosts' disks.
    private static func capturedOnSlowDisk(_ plan: Plan, _ site: Site) throws -> [Line] {
        let delay = 3
        let faults = try FaultInjection()
        try faults.set([Fault("slow", [.fsync], path: "/", do: .delay(delay))])
        let spool = site.directory.file("slow")
        try LeverMilter(site: site, spool: spool).stop()  // Leaves a copy of routing.
        let ours = try LeverMilter(
            site: site, spool: spool, database: "host=127.0.0.1 port=1 dbname=nowhere",
            faults: faults)
        let load = MilterLoad(
            sessions: 16, duration: plan.pick(2, quick: 0.3), mails: [.reply(to: site.marker, size: 10_000)])
        let raw = try RawSpool(size: 13_000, delay: delay)
        let results = try interleaved(
            plan.rounds(9, quick: 3),
            [
                { try load.run(on: ours, endingAt: .endOfMessage).rate },
                { try raw.rate(threads: 16, duration: load.duration) },
            ])
        return [
            Line(
                name, "captured 10 KB, 16 sessions, fsync \(delay) ms slower: messages", Samples(results[0]), "1/s",
                against: ("raw fsync loop", Samples(results[1])), target: .ratioAtLeast(0.9))
        ]
    }
}
