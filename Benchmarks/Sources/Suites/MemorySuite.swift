import Foundation
import TestSupport

/// The daemon's resident memory.
enum MemorySuite: Suite {
    static let name = "memory"
    static let title = "Resident memory"

    static func run(_ plan: Plan) throws -> [Line] {
        let site = try Site()
        let (ours, stub) = (try LeverMilter(site: site), try Stub(endingAt: .endOfHeader))
        let idle = try [ours, stub].map { (filter: any MilterServer) in try megabytes(residentMemory(of: filter.pid)) }
        let sessions = 1000
        let busy = try [ours, stub].map { (filter: any MilterServer) in
            // Each has sent a message, and is idle.
            let connections = try (0..<sessions).map { _ in
                try MilterConnection(socket: filter.socket, mails: [.reply(size: 1000)])
            }
            for (number, connection) in connections.enumerated() {
                _ = try connection.send(number: 1_000_000_000 + number) { _, _ in }
            }
            let memory = try megabytes(residentMemory(of: filter.pid))
            for connection in connections { try connection.quit() }
            return memory
        }
        try ours.stop()
        return [
            Line(name, "idle", Samples([idle[0]]), "MB", against: ("stub", Samples([idle[1]]))),
            Line(name, "\(sessions) idle sessions", Samples([busy[0]]), "MB", against: ("stub", Samples([busy[1]]))),
            try largeMessages(plan, site),
        ]
    }

    /// A hundred large messages at once, through to the database.
    private static func largeMessages(_ plan: Plan, _ site: Site) throws -> Line {
        let size = plan.pick(25_000_000, quick: 2_000_000)
        let ours = try LeverMilter(site: site, settings: "in_flight_limit: 3000000000\ndone_retention: 0")
        let mail = Mail.reply(to: site.marker, size: size)
        let (socket, sessions) = (ours.socket, 100)
        _ = try inThreads(sessions) { number in
            let connection = try MilterConnection(socket: socket, mails: [mail])
            let end = try connection.send(number: 1_500_000_000 + number) { _, _ in }
            guard end == .endOfMessage else { throw HarnessError("a message ended at \(end)") }
            try connection.quit()
        }
        try poll("\(sessions) messages to be stored", timeout: 120) {
            try site.query("SELECT count(*) FROM lever.message WHERE size > \(size)") == "\(sessions)" ? () : nil
        }
        let peak = try megabytes(peakMemory(of: ours.pid))
        return Line(
            name, "\(sessions) x \(size / 1_000_000) MB marked, peak", Samples([peak]), "MB", target: .valueAtMost(64))
    }

    private static func megabytes(_ bytes: Int) -> Double { Double(bytes) / 1e6 }
}

/// A process's resident memory in bytes.
func residentMemory(of process: Int32) throws -> Int {
    let status = String(decoding: try contents(of: "/proc/\(process)/status"), as: UTF8.self)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
        let kilobytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
    else { throw HarnessError("no VmRSS of process \(process)") }
    return kilobytes << 10
}
