import Glibc
import Synchronization

/// Keeps sessions from waiting behind a libmilter worker thread that is blocked on the disk.
///
/// Debian's libmilter runs sessions on a pool of workers. It wakes an idle worker for each session with something to
/// read, and counts it as idle until it runs (8.17 and 8.18, worker.c), so two sessions that become ready at the same moment can
/// be given to one worker. The second then waits until some worker finishes, perhaps for an fsync on a slow disk. Each
/// session that becomes ready makes the pool look again, and start a worker if none is idle. So while a step may block,
/// this sends a command without effect every millisecond, over several connections of its own, since one of them can be
/// left waiting like any other session.
///
/// BUGS: It must be able to connect to the listening socket by its own address; otherwise sessions may wait for as long
/// as the disk blocks.
final class WorkerPoolWatch: Sendable {
    private let listener: Int32
    private let gate: AcceptGate
    private let shortage: @Sendable (Bool, UInt) -> Void
    private let blocking = Atomic(0)
    /// Woken when a step that may block begins.
    private let pipe: WakePipe

    /// `shortage` is called with true when connections have to wait for descriptors and with false when they no longer
    /// do, and with the limit. Any thread.
    init(
        listener: Int32, gate: AcceptGate, shortage: @escaping @Sendable (Bool, UInt) -> Void
    ) throws(MilterError) {
        self.listener = listener
        self.gate = gate
        self.shortage = shortage
        pipe = try WakePipe()
    }

    /// Runs a step that may wait for the disk. Any thread.
    func during<Value: ~Copyable>(_ step: () throws -> Value) rethrows -> Value {
        if blocking.add(1, ordering: .acquiringAndReleasing).oldValue == 0 {
            pipe.wake()
        }
        defer { blocking.subtract(1, ordering: .acquiringAndReleasing) }
        return try step()
    }

    /// Call when a session begins or ends.
    func checkDescriptors() {
        if let isShort = gate.checkDescriptors() { shortage(isShort, DescriptorLimit.allowed) }
    }

    /// Runs on a thread of its own; does not return.
    func run() -> Never {
        var connections = (0..<Self.connectionCount).map { _ in connect() }
        var next = 0
        while true {
            var wake = pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0)
            // Connections that have sent nothing hold descriptors but are not sessions yet.
            if poll(&wake, 1, 1000) == 0 { checkDescriptors() }
            pipe.drain()
            var wait = timespec(tv_sec: 0, tv_nsec: 1_000_000)
            while blocking.load(ordering: .acquiring) > 0 {
                nanosleep(&wait, nil)
                next = (next + 1) % connections.count
                if !Self.nudge(connections[next]) {
                    close(connections[next])
                    connections[next] = connect()
                }
            }
        }
    }

    private static let connectionCount = 8

    /// SMFIC_ABORT outside a message: libmilter reads it, does nothing and sends no reply.
    private static let command: [UInt8] = [0, 0, 0, 1, UInt8(ascii: "A")]

    /// Returns false if the connection is gone.
    private static func nudge(_ connection: Int32) -> Bool {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        return send(connection, command, command.count, flags) == command.count || errno == EAGAIN
    }

    /// Returns -1 if the filter cannot be reached; the next nudge tries again.
    private func connect() -> Int32 { connectToListener(listener) }
}
