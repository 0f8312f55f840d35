import Synchronization

/// What the senders saw. Used by all threads.
final class Ledger: Sendable {
    struct Entry: Sendable {
        let kind: Mail.Kind
        let place: (company: Int, thread: Int)?
        let size: Int
        /// The queue IDs under which Postfix accepted it.
        var accepted: [String] = []
    }

    /// Of one accepted message, in seconds.
    struct Delay: Sendable {
        let kind: Mail.Kind
        /// From MAIL to the reply to its end, in the attempt that succeeded.
        let reply: Double
        /// From the first attempt on.
        let total: Double
    }

    struct Content: Sendable {
        var entries: [Int: Entry] = [:]
        var delays: [Delay] = []
        /// Refusals and broken connections, by kind.
        var errors: [String: Int] = [:]
        /// Never accepted despite many tries.
        var givenUp = 0
        /// Sent again after they had been accepted.
        var repeated = 0
        /// Sessions and messages broken off on purpose.
        var brokenOff = 0
        var next = 1
    }

    private let content = Mutex(Content())

    var snapshot: Content { content.withLock { $0 } }

    /// How many messages were accepted so far.
    var acceptedCount: Int { content.withLock { $0.delays.count } }

    /// A number for a new message.
    func number() -> Int {
        content.withLock { content in
            defer { content.next += 1 }
            return content.next
        }
    }

    /// Called before the first attempt, so that every stored message is known.
    func begins(_ mail: Mail) {
        content.withLock {
            $0.entries[mail.number] = Entry(kind: mail.kind, place: mail.place, size: mail.bytes.count)
        }
    }

    func accepted(_ mail: Mail, as queueID: String, reply: Double, total: Double) {
        content.withLock {
            $0.entries[mail.number]?.accepted.append(queueID)
            $0.delays.append(Delay(kind: mail.kind, reply: reply, total: total))
        }
    }

    func failed(_ what: String) { content.withLock { $0.errors[what, default: 0] += 1 } }
    func gaveUp() { content.withLock { $0.givenUp += 1 } }
    func repeats() { content.withLock { $0.repeated += 1 } }
    func breaksOff() { content.withLock { $0.brokenOff += 1 } }
}
