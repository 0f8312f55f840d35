import Glibc

/// Writes what a core file of a running process would hold.
public enum ProcessMemory {
    /// Writes every region that the process can write to. Needs the right to trace the process. Returns the number of
    /// bytes written.
    @discardableResult
    public static func dump(_ pid: Int32, to path: String) throws -> Int {
        let maps = String(decoding: try contents(of: "/proc/\(pid)/maps"), as: UTF8.self)
        let memory = open("/proc/\(pid)/mem", O_RDONLY | O_CLOEXEC)
        guard memory >= 0 else { throw HarnessError("memory of \(pid): \(errorText())") }
        defer { close(memory) }
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw HarnessError("\(path): \(errorText())") }
        defer { close(file) }

        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var total = 0
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { Int($0, radix: 16) }
            guard words[1].hasPrefix("rw"), ends.count == 2 else { continue }
            var position = ends[0]
            while position < ends[1] {
                let count = pread(memory, &chunk, min(chunk.count, ends[1] - position), position)
                guard count > 0 else { break }
                // Never written to, as most of the memory reserved for the heap.
                if chunk[..<count].contains(where: { $0 != 0 }) {
                    guard write(file, chunk, count) == count else { throw HarnessError("\(path): \(errorText())") }
                    total += count
                }
                position += count
            }
        }
        return total
    }
}
