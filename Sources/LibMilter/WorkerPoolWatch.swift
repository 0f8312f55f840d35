import Glibc
import Synchronization

/// Keeps sessions from standing behind a worker thread of libmilter that waits for the disk.
///
/// Debian's libmilter runs sessions on a pool of workers. It wakes an idle one for each session that has something to
/// be read, and counts it as idle until it runs (8.17, worker.c): two sessions at one moment can be given to one worker.
/// The second is served when some worker ends what it does, which may be an fsync of a slow disk. A session that
/// becomes ready makes the pool look again, and if no worker is idle, start one. So while a step may block, this sends
/// a command without effect every millisecond, over connections of its own: several, as one of them can be left standing
/// like any other session.
///
/// BUGS: needs to reach the listening socket by its own address; if it cannot, sessions may stand as long as the disk
/// does.
final class WorkerPoolWatch: Sendable {
    private let listener: Int32
    private let gate: AcceptGate
    private let shortage: @Sendable (Bool, UInt) -> Void
    private let blocking = Atomic(0)
    /// Told when a step begins that may block.
    private let pipe: WakePipe

    /// `shortage` is told when the last descriptors are kept back, and when no more.
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

    /// A session began or ended.
    func checkDescriptors() {
        if let isShort = gate.checkDescriptors() { shortage(isShort, DescriptorLimit.allowed) }
    }

    /// For a thread of its own; does not return.
    func run() -> Never {
        var connections = (0..<Self.connectionCount).map { _ in connect() }
        var next = 0
        while true {
            var wake = pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0)
            // Connections that say nothing are no sessions yet, but have descriptors.
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

    /// SMFIC_ABORT outside a message: libmilter reads it, does nothing and replies nothing.
    private static let command: [UInt8] = [0, 0, 0, 1, UInt8(ascii: "A")]

    /// False if the connection is gone.
    private static func nudge(_ connection: Int32) -> Bool {
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        return send(connection, command, command.count, flags) == command.count || errno == EAGAIN
    }

    /// A descriptor that is none if the filter cannot be reached; tried again with the next nudge.
    private func connect() -> Int32 { connectToListener(listener) }
}
