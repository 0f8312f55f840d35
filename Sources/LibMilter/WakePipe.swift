import Glibc

/// A pipe that one thread polls and any thread writes to, to wake it. Non-blocking at both ends; never closed.
struct WakePipe: Sendable {
    /// Readable after `wake`.
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(MilterError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw MilterError("cannot create a pipe: \(String(cString: strerror(errno)))") }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    func wake() {
        withUnsafeBytes(of: UInt8(0)) { _ = write(writeEnd, $0.baseAddress!, 1) }
    }

    /// Discards pending wake-ups.
    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }
}
