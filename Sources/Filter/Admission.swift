import LibMilter
import Synchronization
import System

/// Counts what is under way and says what may still begin: the caps of an overloaded daemon, and the end of one that
/// stops. Any thread.
final class Admission: Sendable {
    /// Connections of Postfix.
    let sessions = WaitGroup()
    /// Messages between DATA and their end that a company on limited sync takes part in.
    let messages = WaitGroup()
    /// Bytes of messages that are being sealed.
    private let bytes = Atomic(0)
    private let isHangingUp = Atomic(false)
    private let closed = Atomic(false)

    /// No new connection is accepted.
    var isClosed: Bool { closed.load(ordering: .acquiring) }

    /// The daemon stops.
    func close() { closed.store(true, ordering: .releasing) }

    /// Of messages that are being sealed.
    var bytesInFlight: Int { bytes.load(ordering: .relaxed) }

    /// From now on each message that would begin is refused with a reply after which Postfix ends the SMTP session. The
    /// client connects again, and meets the next daemon. Without it Postfix up to 3.10 would refuse all that the client
    /// sends in this session, once its connection to the filter is gone.
    func hangUp() { isHangingUp.store(true, ordering: .releasing) }

    /// Whether messages may begin at all.
    func checkOpen() throws(Refusal) {
        guard isHangingUp.load(ordering: .acquiring) else { return }
        throw Refusal(
            "lever-milter is stopping; the client is asked to connect again", .stopping,
            MilterReply(code: "421", status: "4.3.2", text: "Mail filter is restarting, please connect again"))
    }

    /// Whether a message of a session that began as one too many may begin now.
    func checkSessions(limit: Int) throws(Refusal) {
        let count = sessions.count
        guard count > limit else { return }
        throw Refusal("\(count) sessions are open, 'session_limit' is \(limit)", .sessionLimit, .overloaded)
    }

    fileprivate func take(_ count: Int, limit: Int) throws(Refusal) {
        let total = bytes.add(count, ordering: .relaxed).newValue
        guard total > limit else { return }
        bytes.subtract(count, ordering: .relaxed)
        throw Refusal(
            "\(total) bytes of messages are under way, 'in_flight_limit' is \(limit)", .inFlightLimit, .overloaded)
    }

    fileprivate func giveBack(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

    /// The sender is asked to come again, for a reason that is not the message's.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
        let cause: TempfailCause
        let reply: MilterReply

        fileprivate init(_ description: String, _ cause: TempfailCause, _ reply: MilterReply) {
            self.description = description
            self.cause = cause
            self.reply = reply
        }
    }
}

/// What a message takes of the bytes that may be under way; given back with this value.
struct BytesInFlight: ~Copyable {
    private let admission: Admission
    private let limit: Int
    private var count = 0

    init(_ admission: Admission, limit: Int) {
        self.admission = admission
        self.limit = limit
    }

    deinit { admission.giveBack(count) }

    /// Throws, and takes nothing, where that would be too many.
    mutating func add(_ more: Int) throws(Admission.Refusal) {
        try admission.take(more, limit: limit)
        count += more
    }
}

extension MilterReply {
    static let overloaded = MilterReply(
        status: "4.3.2", text: "Too much mail at this moment, please try again later")
    static let notArchived = MilterReply(
        status: "4.7.1", text: "Message could not be archived, please try again later")
}
