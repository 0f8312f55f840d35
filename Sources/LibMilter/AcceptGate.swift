import Glibc
import Synchronization

/// The descriptor that libmilter accepts connections from: the listening socket, or, while the gate is shut, the read
/// end of a pipe. New connections then wait in the socket's backlog while libmilter serves those that it has.
///
/// libmilter cannot do this itself: `smfi_stop` drops live sessions, and when descriptors run out it retries accept(2)
/// in a loop that occupies a CPU (8.17 and 8.18, listener.c).
final class AcceptGate: Sendable {
    /// The descriptor to give libmilter.
    let descriptor: Int32

    private let listener: Int32
    private let pipe: WakePipe
    private let reasons = Mutex<Set<Reason>>([])

    enum Reason {
        /// The filter is shutting down.
        case stopping
        /// Few descriptors are left.
        case descriptors
    }

    /// `listener` must stay open for the life of the process. It is made non-blocking: when the gate opens, libmilter
    /// tries one accept even if no connection is waiting.
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

    /// Returns false if the gate was already shut for this reason. Any thread.
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

    /// Returns false if the gate was not shut for this reason. It stays shut while another reason holds. Any thread.
    @discardableResult
    func open(_ reason: Reason) -> Bool {
        reasons.withLock { reasons in
            guard reasons.remove(reason) != nil else { return false }
            // While the gate is open, accept(2) must not use up the reserve.
            if reason == .descriptors { DescriptorLimit.set(Self.share) }
            if reasons.isEmpty {
                dup2(listener, descriptor)
                // libmilter is still polling the pipe, and would for some seconds more.
                pipe.wake()
            }
            return true
        }
    }

    /// Descriptors kept back from connections, for the spool, the log, the database and metrics clients.
    private static let reserve: UInt = 64
    private static var share: UInt { DescriptorLimit.allowed - min(reserve, DescriptorLimit.allowed / 2) }

    /// Number that must be free before connections are accepted again, so that the gate does not flap.
    private static let margin: UInt = 16

    /// Shuts the gate when connections have used their share of descriptors, and opens it when enough are free again.
    /// Returns true if it has just shut the gate, false if it has just opened it, nil otherwise. Any thread.
    func checkDescriptors() -> Bool? {
        if !areFree(1) { return shut(.descriptors) ? true : nil }
        guard isShut(.descriptors), areFree(Self.margin) else { return nil }
        return open(.descriptors) ? false : nil
    }

    /// Whether `count` descriptors of the connections' share are free. The kernel hands out the lowest free number,
    /// which can be low while all higher ones are taken, so this takes `count` of them for a moment.
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
