import Glibc
import System

/// Wakes the delivery thread: the FIFO `trigger`, to which operators' commands write too. Any thread.
final class Trigger: Sendable {
    /// A message has arrived.
    static let messageArrived: UInt8 = 0
    /// An operator requests delivery of everything now.
    static let deliverNow: UInt8 = 1

    private let fifo: FileDescriptor

    /// `alarm` is called if the disk does not allow the FIFO to be created. Delivery is then woken by messages, but not
    /// by commands.
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
            // One descriptor for both ends, as with the FIFO.
            fifo = try SpoolError.wrapping(FileDescriptor("/proc/self/fd/\(ends[0])", O_RDWR | O_NONBLOCK))
        }
    }

    var descriptor: Int32 { fifo.number }

    /// Never blocks: if the FIFO is full, the thread is about to wake anyway.
    func wake(_ byte: UInt8 = messageArrived) {
        withUnsafeBytes(of: byte) { _ = write(fifo.number, $0.baseAddress!, 1) }
    }

    /// Reads all pending bytes. Returns true if one requests delivery now.
    func take() -> Bool {
        var isUrgent = false
        var wakes = [UInt8](repeating: 0, count: 512)
        while case let count = read(fifo.number, &wakes, wakes.count), count > 0 {
            isUrgent = isUrgent || wakes[..<count].contains(Self.deliverNow)
        }
        return isUrgent
    }
}
