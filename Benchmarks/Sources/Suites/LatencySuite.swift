import Foundation
import TestSupport

/// How long a message waits between the spool and the commit while the daemon sweeps very many delivered files,
/// compared with a daemon that has none.
///
/// A round begins with a daemon's start, when all sweeps are due, and ends before a sweep can.
enum LatencySuite: Suite {
    static let name = "latency"
    static let title = "From the spool to the commit, beside sweeps of delivered files"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site(settings: ["track_commit_timestamp": "on"])
        let files = plan.pick(100_000, quick: 20_000)
        let (full, empty) = (site.directory.file("full"), site.directory.file("empty"))
        for spool in [full, empty] {
            _ = try waits(site, spool, messages: 1)
        }
        try fill("\(full)/delivered", files)
        let messages = plan.pick(300, quick: 50)
        let results = try interleaved(
            plan.rounds(9, quick: 3),
            [
                { try waits(site, full, messages: messages) },
                { try waits(site, empty, messages: messages) },
            ])
        func line(_ place: Double, _ text: String, _ target: Line.Target?) -> Line {
            func samples(_ rounds: [[Double]]) -> Samples {
                Samples(rounds.map { $0[Int(place * Double($0.count - 1))] })
            }
            return Line(
                name, "\(text), \(files) delivered files", samples(results[0]), "ms",
                against: ("no files", samples(results[1])), target: target)
        }
        return [line(0.5, "median", nil), line(0.99, "of a hundred the slowest but one", .valueAtMost(20))]
    }

    /// Copies of the one message that was delivered.
    private static func fill(_ directory: String, _ count: Int) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        guard let first = names.first else { throw HarnessError("nothing was delivered to \(directory)") }
        let message = try contents(of: "\(directory)/\(first)")
        for _ in 0..<count {
            let file = open("\(directory)/\(UUID().uuidString.lowercased())", O_WRONLY | O_CREAT, 0o600)
            guard write(file, message, message.count) == message.count else {
                throw HarnessError("cannot fill \(directory): \(errorText())")
            }
            close(file)
        }
    }

    /// Sends messages to a new daemon, a hundred a second. Returns the milliseconds from when each was complete, before
    /// its fsync, to its commit, in ascending order.
    private static func waits(_ site: Site, _ spool: String, messages: Int) throws -> [Double] {
        try site.query("\(SpoolLoad.clear); CHECKPOINT")
        let daemon = try LeverMilter(site: site, spool: spool)
        let connection = try MilterConnection(socket: daemon.socket, mails: [Mail.reply(to: site.marker, size: 10_000)])
        let start = now()
        for number in 0..<messages {
            _ = try connection.send(number: 1_000_000_000 + number) { _, _ in }
            usleep(UInt32(max(0, start + Double(number + 1) / 100 - now()) * 1e6))
        }
        try connection.quit()
        try poll("\(messages) messages to be delivered", timeout: 60) {
            try FileManager.default.contentsOfDirectory(atPath: "\(spool)/new").isEmpty ? () : nil
        }
        try daemon.stop()
        let found = try site.query(
            """
            SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - spooled_at) * 1000 AS wait FROM lever.delivery
            ORDER BY wait
            """
        ).split(separator: "\n").compactMap { Double($0) }
        guard found.count == messages else { throw HarnessError("of \(messages) messages \(found.count) are stored") }
        return found
    }
}
