import Foundation
import TestSupport

/// The least that makes files durable: write, fsync, rename, fsync of the directory, in a loop. What the spool is held
/// against.
struct RawSpool {
    let directory: TemporaryDirectory
    /// Bytes of a file.
    let size: Int

    init(size: Int) throws {
        directory = try TemporaryDirectory("raw")
        try directory.makeDirectory("tmp")
        try directory.makeDirectory("new")
        self.size = size
    }

    /// Files a second, written by so many threads for so many seconds.
    func rate(threads: Int, duration: Double) throws -> Double {
        let start = now()
        let deadline = start + duration
        let counts = try inThreads(threads) { try write(until: deadline, thread: $0) }
        let elapsed = now() - start
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.file("new")) {
            unlink(directory.file("new/\(name)"))
        }
        return Double(counts.reduce(0, +)) / elapsed
    }

    private func write(until deadline: Double, thread: Int) throws -> Int {
        let bytes = [UInt8](repeating: 0x55, count: size)
        var count = 0
        while now() < deadline {
            let name = "\(thread)-\(count)"
            let file = open(directory.file("tmp/\(name)"), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0, Glibc.write(file, bytes, size) == size, fsync(file) == 0 else {
                throw HarnessError("write: \(errorText())")
            }
            close(file)
            let parent = open(directory.file("new"), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard rename(directory.file("tmp/\(name)"), directory.file("new/\(name)")) == 0, fsync(parent) == 0 else {
                throw HarnessError("rename: \(errorText())")
            }
            close(parent)
            count += 1
        }
        return count
    }
}

/// Runs a body in so many threads at once, and returns what each gave.
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
