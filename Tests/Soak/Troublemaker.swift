import Foundation
import Synchronization
import TestSupport

/// Clients that break off, of Postfix and of the filter itself, up to the middle of a body. None of their messages has
/// an end, so none may be stored.
final class Troublemaker: Sendable {
    private let site: Site
    private let ledger: Ledger
    private let milterPort: UInt16
    private let stopping = Atomic(false)
    private let running = Atomic(0)

    init(site: Site, ledger: Ledger, milterPort: UInt16) {
        self.site = site
        self.ledger = ledger
        self.milterPort = milterPort
    }

    /// Starts `count` threads.
    func start(_ count: Int) {
        for _ in 0..<count {
            running.add(1, ordering: .sequentiallyConsistent)
            Thread { [self] in
                while !stopping.load(ordering: .relaxed) {
                    ledger.breaksOff()
                    // Whatever the other side replies.
                    try? breakOff()
                    usleep(UInt32.random(in: 20_000..<150_000))
                }
                running.subtract(1, ordering: .sequentiallyConsistent)
            }.start()
        }
    }

    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        while running.load(ordering: .sequentiallyConsistent) > 0 { usleep(50_000) }
    }

    private func breakOff() throws {
        let mail = Mail.random(.aborted, number: ledger.number(), for: site)
        ledger.begins(mail)
        if Bool.random() { try breakOffSMTP(mail) } else { try breakOffMilter(mail) }
    }

    /// The connection ends with the object.
    private func breakOffSMTP(_ mail: Mail) throws {
        let client = try SMTPClient(port: site.postfix.port())
        switch Int.random(in: 0..<5) {
        case 0: break
        case 1: try client.envelope(from: mail.from, to: mail.to)
        case 2:
            try client.envelope(from: mail.from, to: mail.to)
            _ = try client.command("RSET")
            try client.quit()
        case 3:
            try client.envelope(from: mail.from, to: mail.to)
            _ = try client.command("DATA")
            try client.send(Array(mail.bytes.prefix(mail.bytes.count / 2)))
        default:
            try client.envelope(from: mail.from, to: mail.to)
            try client.send(Array("BDAT \(mail.bytes.count)\r\n".utf8) + mail.bytes)
            _ = try client.reply()
            if Bool.random() { _ = try client.command("RSET") }
        }
    }

    private func breakOffMilter(_ mail: Mail) throws {
        let client = try MilterClient(port: milterPort)
        let step = Int.random(in: 0..<7)
        guard step > 0 else { return }
        client.macros = ["i": "ABORTED\(mail.number)"]
        try client.negotiate()
        guard step > 1 else { return }
        try client.mail("<\(mail.from)>")
        for recipient in mail.to { try client.recipient("<\(recipient)>") }
        guard step > 2 else { return }
        guard try client.data() == .proceed else { return }
        try client.header("Subject", " \(mail.subject)")
        try client.header("Message-ID", " <soak-\(mail.number)@home.example>")
        try client.header("In-Reply-To", " \(mail.marker ?? "<none@home.example>")")
        guard step > 3, try client.endOfHeader() == .proceed else { return }
        for _ in 0..<Int.random(in: 1...20) { try client.body(Array(mail.bytes.prefix(MilterClient.dataLimit))) }
        if step > 4 { try client.abort() }
        if step > 5 { try client.quit() }
    }
}
