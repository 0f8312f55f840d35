import Glibc
import Synchronization

/// What libmilter accepts connections from: the listening socket, or, while the gate is shut, the end of a pipe that
/// nothing comes from. New connections then wait in the socket's queue, and libmilter serves those that it has.
///
/// libmilter has no means for that: `smfi_stop` drops live sessions, and when descriptors run out it tries accept(2)
/// again and again, which takes a processor (8.17, listener.c).
final class AcceptGate: Sendable {
    /// For libmilter.
    let descriptor: Int32

    private let listener: Int32
    private let pipe: WakePipe
    private let reasons = Mutex<Set<Reason>>([])

    enum Reason {
        /// The filter will end.
        case stopping
        /// Few descriptors are left.
        case descriptors
    }

    /// `listener` is open as long as the process lives. libmilter must find it non-blocking: when the gate opens, it
    /// tries to accept once although nobody may be there.
    init(listener: Int32) throws(MilterError) {
        self.listener = listener
        _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK)
        pipe = try WakePipe()
        descriptor = dup(listener)
        guard descriptor >= 0 else {
            throw MilterError("cannot prepare the listening socket: \(String(cString: strerror(errno)))")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        DescriptorLimit.set(Self.share)
    }

    func isShut(_ reason: Reason) -> Bool { reasons.withLock { $0.contains(reason) } }

    /// False if it was shut for this reason already. Any thread.
    @discardableResult
    func shut(_ reason: Reason) -> Bool {
        reasons.withLock { reasons in
            guard reasons.insert(reason).inserted else { return false }
            if reason == .descriptors { DescriptorLimit.set(DescriptorLimit.allowed) }
            if reasons.count == 1 {
                pipe.drain()
                dup2(pipe.readEnd, descriptor)
            }
            return true
        }
    }

    /// False if it was not shut for this reason. Stays shut while there is another one.
    @discardableResult
    func open(_ reason: Reason) -> Bool {
        reasons.withLock { reasons in
            guard reasons.remove(reason) != nil else { return false }
            // While the gate is open, accept(2) must not get those of the reserve.
            if reason == .descriptors { DescriptorLimit.set(Self.share) }
            if reasons.isEmpty {
                dup2(listener, descriptor)
                // libmilter still polls the pipe, for some seconds more unless something comes.
                pipe.wake()
            }
            return true
        }
    }

    /// Descriptors that connections do not get: they are for the spool, the log, the database and those who ask for
    /// metrics.
    private static let reserve: UInt = 64
    private static var share: UInt { DescriptorLimit.allowed - min(reserve, DescriptorLimit.allowed / 2) }

    /// That many must be free until connections are accepted again, so that the gate does not move with each.
    private static let margin: UInt = 16

    /// Shuts the gate when connections have taken their share of descriptors, and opens it when some are free again. True
    /// if it shut it just now, false if it opened it, nil if neither.
    func checkDescriptors() -> Bool? {
        if !areFree(1) { return shut(.descriptors) ? true : nil }
        guard isShut(.descriptors), areFree(Self.margin) else { return nil }
        return open(.descriptors) ? false : nil
    }

    /// Whether connections have that many descriptors of their share left. The kernel gives out the lowest number that is
    /// free, which can be a low one while all others are taken: so it takes that many for a moment.
    private func areFree(_ count: UInt) -> Bool {
        var taken: [Int32] = []
        defer { for descriptor in taken { close(descriptor) } }
        for _ in 0..<count {
            let lowest = dup(pipe.readEnd)
            if lowest >= 0 { taken.append(lowest) }
            if lowest < 0 || UInt(lowest) >= Self.share { return false }
        }
        return true
    }
}
