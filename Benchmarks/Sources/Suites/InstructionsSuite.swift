import Foundation
import TestSupport

/// User-space instructions of the filter per message, counted by valgrind. They hardly vary between runs, so they show
/// changes that timings cannot. System calls are not included. Compared with the figures in instructions.json: a change
/// that makes a message cost more fails until it is recorded there.
enum InstructionsSuite: Suite {
    static let name = "instructions"
    static let title = "Instructions a message, in user space"

    static func run(_ plan: Plan) throws -> [Line] {
        let recorded = try JSONDecoder().decode(
            [String: Double].self, from: Data(contentsOf: URL(fileURLWithPath: record)))
        let site = try Site()
        // Leaves a copy of routing, so that no counted run waits for the database.
        try LeverMilter(site: site).stop()
        return try cases(site).map { item in
            let ours = try count(item, plan) { try LeverMilter(site: site, database: nowhere, under: $0) }
            let stub = try count(item, plan) { try Stub(endingAt: item.end, under: $0) }
            guard let limit = recorded[item.name] else { throw HarnessError("\(record) has no '\(item.name)'") }
            return Line(
                name, item.name, Samples([ours]), "instructions", against: ("stub", Samples([stub])),
                target: .valueAtMost(limit * tolerance))
        }
    }

    /// Relative to the repository, in which Benchmarks/run and deploy/test run this.
    private static let record = "Benchmarks/instructions.json"
    /// libcrypto and glibc choose code by processor features.
    private static let tolerance = 1.1

    private struct Case {
        let name: String
        let mail: Mail
        let end: MilterDialogue.Stage
    }

    private static func cases(_ site: Site) -> [Case] {
        [
            Case(name: "accepted at DATA", mail: .reply(recipients: ["<joe@other.example>"], size: 10_000), end: .data),
            Case(name: "accepted at EOH", mail: .reply(size: 10_000), end: .endOfHeader),
            Case(name: "captured 10 KB", mail: .reply(to: site.marker, size: 10_000), end: .endOfMessage),
        ]
    }

    private static let nowhere = "host=127.0.0.1 port=1 dbname=nowhere"

    /// The cost of one more message: the difference between many and few, so that start and end cancel out.
    private static func count(
        _ item: Case, _ plan: Plan, _ start: (_ under: [String]) throws -> any MilterServer & Stoppable
    ) throws -> Double {
        func total(_ messages: Int) throws -> Int {
            let directory = try TemporaryDirectory("callgrind")
            let out = directory.file("out")
            let filter = try start([
                "valgrind", "--tool=callgrind", "--trace-children=yes", "--callgrind-out-file=\(out)",
            ])
            let connection = try MilterConnection(socket: filter.socket, mails: [item.mail])
            for number in 0..<messages {
                let end = try connection.send(number: 1_000_000_000 + number) { _, _ in }
                guard end == item.end else { throw HarnessError("a message ended at \(end), not at \(item.end)") }
            }
            try connection.quit()
            try filter.stop()
            let text = String(decoding: try contents(of: out), as: UTF8.self)
            guard
                let line = text.split(separator: "\n").last(where: {
                    $0.hasPrefix("summary:") || $0.hasPrefix("totals:")
                }),
                let total = line.split(separator: " ").last.flatMap({ Int($0) })
            else { throw HarnessError("callgrind wrote no total: \(text.prefix(300))") }
            return total
        }
        let (few, many) = plan.pick((100, 500), quick: (20, 120))
        return Double(try total(many) - total(few)) / Double(many - few)
    }
}
