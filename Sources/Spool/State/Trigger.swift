import Glibc
import System

/// What wakes the delivery thread: bytes in the FIFO `trigger`, by which an operator's command reaches it as well.
final class Trigger: Sendable {
    /// A message has come.
    static let messageArrived: UInt8 = 0
    /// An operator wants everything delivered at once.
    static let deliverNow: UInt8 = 1

    private let fifo: FileDescriptor

    /// `alarm` is called where the disk does not let the FIFO be made. Delivery is woken by messages then, and by no
    /// command.
    init(path: String, alarm: (String) -> Void) throws(SpoolError) {
        if mkfifo(path, 0o620) == 0 || errno == EEXIST {
            fifo = try SpoolError.wrapping(FileDescriptor(path, O_RDWR | O_NONBLOCK))
        } else {
            let error = SpoolError.system("create", path)
            guard error.isOfDisk else { throw error }
            alarm("\(error); until the next start 'leverctl queue flush' does not reach this daemon")
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw .system("create", "a pipe") }
            defer { ends.forEach { close($0) } }
            // Both ends in one descriptor, as the FIFO has it.
            fifo = try SpoolError.wrapping(FileDescriptor("/proc/self/fd/\(ends[0])", O_RDWR | O_NONBLOCK))
        }
    }

    var descriptor: Int32 { fifo.number }

    /// Never blocks: a full FIFO already says what there is to say.
    func wake(_ byte: UInt8 = messageArrived) {
        withUnsafeBytes(of: byte) { _ = write(fifo.number, $0.baseAddress!, 1) }
    }

    /// Takes the bytes so far; true if one asks for delivery now.
    func take() -> Bool {
        var isUrgent = false
        var wakes = [UInt8](repeating: 0, count: 512)
        while case let count = read(fifo.number, &wakes, wakes.count), count > 0 {
            isUrgent = isUrgent || wakes[..<count].contains(Self.deliverNow)
        }
        return isUrgent
    }
}
