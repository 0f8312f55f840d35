import Glibc

/// A pipe that one thread polls and others write to. Neither end blocks; it is open as long as the process lives.
struct WakePipe: Sendable {
    /// Readable after `wake`.
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(MilterError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw MilterError("cannot make a pipe: \(String(cString: strerror(errno)))") }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    func wake() {
        withUnsafeBytes(of: UInt8(0)) { _ = write(writeEnd, $0.baseAddress!, 1) }
    }

    /// Takes the wake-ups so far.
    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }
}
