import Foundation
import Synchronization
import TestSupport

/// The mail servers that send: threads, each with one session at a time. They try again on temporary refusals and
/// broken connections, as mail servers do, with a new session.
final class Senders: Sendable {
    private let site: Site
    private let ledger: Ledger
    private let stopping = Atomic(false)
    private let running = Atomic(0)

    /// Seconds after which a sender gives up on a message.
    private static let patience = 180.0

    init(site: Site, ledger: Ledger) {
        self.site = site
        self.ledger = ledger
    }

    /// Starts `count` threads that send `rate` messages a second in all.
    func start(_ count: Int, rate: Double) {
        for _ in 0..<count {
            running.add(1, ordering: .sequentiallyConsistent)
            Thread { [self] in
                work(pause: Double(count) / rate)
                running.subtract(1, ordering: .sequentiallyConsistent)
            }.start()
        }
    }

    /// Returns when every sender has finished its last message.
    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        while running.load(ordering: .sequentiallyConsistent) > 0 { usleep(50_000) }
    }

    private func work(pause: Double) {
        var session: Session?
        while !stopping.load(ordering: .relaxed) {
            let due = now() + pause * Double.random(in: 0.5..<1.5)
            let mail = Mail.random(Self.kind(), number: ledger.number(), for: site)
            ledger.begins(mail)
            deliver(mail, by: &session)
            if mail.kind == .marked, Int.random(in: 0..<20) == 0 {
                ledger.repeats()
                deliver(mail, by: &session)
            }
            let left = due - now()
            if left > 0 { usleep(UInt32(left * 1e6)) }
        }
        try? session?.client.quit()
    }

    private static func kind() -> Mail.Kind {
        switch Int.random(in: 0..<100) {
        case 0..<50: .marked
        case 50..<75: .unmarked
        case 75..<90: .unrelated
        default: .wrong
        }
    }

    private func deliver(_ mail: Mail, by session: inout Session?) {
        let first = now()
        var wait = 0.2
        while true {
            do {
                var current = try session ?? Session(port: site.postfix.port())
                session = nil
                try current.prepare()
                let start = now()
                let queueID = try current.send(mail)
                ledger.accepted(mail, as: queueID, reply: now() - start, total: now() - first)
                if current.messagesLeft > 0 { session = current } else { try? current.client.quit() }
                return
            } catch {
                ledger.failed(describe(error))
            }
            guard now() - first < Self.patience else {
                ledger.gaveUp()
                return
            }
            usleep(UInt32(wait * 1e6))
            wait = min(wait * 1.5, 3)
        }
    }
}

/// One SMTP session, and the number of messages it is to carry.
private struct Session {
    let client: SMTPClient
    var messagesLeft = Bool.random() ? 1 : Int.random(in: 2...12)

    init(port: UInt16) throws { client = try SMTPClient(port: port) }

    /// What a session keeps between messages.
    func prepare() throws {
        switch Int.random(in: 0..<10) {
        case 0: _ = try client.command("RSET")
        case 1:
            try client.envelope(from: "anna@home.example", to: ["rita@acme.example"])
            _ = try client.command("RSET")
        default: break
        }
    }

    /// By DATA, in chunks, or all at once. Returns the queue ID.
    mutating func send(_ mail: Mail) throws -> String {
        messagesLeft -= 1
        return switch Int.random(in: 0..<10) {
        case 0..<5: try client.send(mail.bytes, from: mail.from, to: mail.to)
        case 5..<8:
            // Not so many chunks that their replies fill the connection before they are read.
            try client.sendChunks(
                mail.bytes, of: max(mail.bytes.count / 100, [500, 10_000, 1 << 20].randomElement()!), from: mail.from,
                to: mail.to)
        default: try client.pipeline(mail.bytes, from: mail.from, to: mail.to)
        }
    }
}

/// Seconds on a clock that only runs forward.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The kind of an error: without queue IDs and numbers of its own.
func describe(_ error: any Error) -> String {
    if let refusal = error as? SMTPRefusal {
        return "\(refusal.reply.code) \(refusal.reply.lines.first ?? "")"
    }
    return "\(error)"
}
