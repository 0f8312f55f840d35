import Foundation
import Synchronization
import TestSupport

/// The minimum that makes files durable: write, fsync, rename, fsync of the directory, in a loop. The spool's
/// reference.
final class RawSpool: Sendable {
    let directory: TemporaryDirectory
    /// Bytes per file.
    let size: Int
    private let rounds = Atomic(0)

    /// Milliseconds added to each fsync.
    private let delay: Int

    init(size: Int, delay: Int = 0) throws {
        directory = try TemporaryDirectory("raw")
        try directory.makeDirectory("tmp")
        try directory.makeDirectory("new")
        self.size = size
        self.delay = delay
    }

    /// Files a second, written by that many threads for that many seconds. Files remain until the end, because for some
    /// seconds ext4 does not reuse the inodes of removed files, and searches long for the next free one.
    func rate(threads: Int, duration: Double) throws -> Double {
        let start = now()
        let deadline = start + duration
        let round = rounds.add(1, ordering: .relaxed).newValue
        let counts = try inThreads(threads) { try self.write(until: deadline, prefix: "\(round)-\($0)") }
        return Double(counts.reduce(0, +)) / (now() - start)
    }

    private func write(until deadline: Double, prefix: String) throws -> Int {
        let bytes = [UInt8](repeating: 0x55, count: size)
        var count = 0
        while now() < deadline {
            let name = "\(prefix)-\(count)"
            let file = open(directory.file("tmp/\(name)"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0, Glibc.write(file, bytes, size) == size, synchronize(file) else {
                throw HarnessError("write: \(errorText())")
            }
            close(file)
            let parent = open(directory.file("new"), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard rename(directory.file("tmp/\(name)"), directory.file("new/\(name)")) == 0, synchronize(parent) else {
                throw HarnessError("rename: \(errorText())")
            }
            close(parent)
            count += 1
        }
        return count
    }

    private func synchronize(_ descriptor: Int32) -> Bool {
        if delay > 0 { usleep(UInt32(delay * 1000)) }
        return fsync(descriptor) == 0
    }
}

/// Runs a closure in that many threads at once, and returns their results.
func inThreads<Value>(_ count: Int, _ body: @escaping @Sendable (_ thread: Int) throws -> Value) throws -> [Value] {
    let slots = (0..<count).map { _ in Slot<Value>() }
    let done = DispatchSemaphore(value: 0)
    for (number, slot) in slots.enumerated() {
        let thread = Thread {
            slot.result = Result { try body(number) }
            done.signal()
        }
        thread.start()
    }
    for _ in slots { done.wait() }
    return try slots.map { try $0.result!.get() }
}

private final class Slot<Value>: @unchecked Sendable {  // Written by one thread, and read after it is done.
    var result: Result<Value, any Error>?
}
