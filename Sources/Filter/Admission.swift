import LibMilter
import Observability
import Synchronization
public import System

/// Counts what is under way and says what may still begin: the limits of an overloaded daemon, and the end of one that
/// is stopping. Any thread.
public final class Admission: Sendable {
    /// Connections of Postfix.
    public let sessions = WaitGroup()
    /// Messages between DATA and their end that a company on limited sync takes part in.
    public let messages = WaitGroup()
    /// Bytes of messages that are being sealed.
    private let bytes = Atomic(0)
    private let isHangingUp = Atomic(false)
    private let closed = Atomic(false)

    /// No new connection is accepted.
    public var isClosed: Bool { closed.load(ordering: .acquiring) }

    /// The daemon is stopping.
    public func close() { closed.store(true, ordering: .releasing) }

    /// Of messages that are being sealed.
    var bytesInFlight: Int { bytes.load(ordering: .relaxed) }

    /// From now on every message that begins is refused with a reply after which Postfix ends the SMTP session. The
    /// client reconnects, and meets the next daemon. Without this, Postfix up to 3.10 would refuse everything that the
    /// client sends in its session once the connection to the filter is gone.
    public func hangUp() { isHangingUp.store(true, ordering: .releasing) }

    /// Whether messages may begin at all.
    func checkOpen() throws(Refusal) {
        guard isHangingUp.load(ordering: .acquiring) else { return }
        throw Refusal(
            "lever-milter is stopping; the client is asked to connect again", .stopping,
            MilterReply(code: "421", status: "4.3.2", text: "Mail filter is restarting, please connect again"))
    }

    /// Whether a message may begin in a session that began as one too many.
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

    /// The message is deferred for a reason that is not the message's own.
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

/// A message's share of the bytes that may be under way; given back when this value ends.
struct BytesInFlight: ~Copyable {
    private let admission: Admission
    private let limit: Int
    private var count = 0

    init(_ admission: Admission, limit: Int) {
        self.admission = admission
        self.limit = limit
    }

    deinit { admission.giveBack(count) }

    /// Throws, and takes nothing, if that would be too many.
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
