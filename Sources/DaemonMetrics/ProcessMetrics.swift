import Glibc
import System

/// The process metrics that Prometheus' client libraries export, under the same names. Read from /proc at each call; a
/// metric that cannot be read is left out.
public enum ProcessMetrics {
    public static func families() -> [MetricFamily] {
        var families: [MetricFamily] = []
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // proc_pid_stat(5), from field 3, the state, on; the process name before it may hold any character.
        let status = read("/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        func field(_ number: Int) -> Double? { status.count > number - 3 ? Double(status[number - 3]) : nil }
        if let user = field(14), let system = field(15) {
            families.append(
                .counter(
                    "process_cpu_seconds_total", "User and system CPU time spent, in seconds.",
                    [([], (user + system) / ticks)]))
        }
        if let start = field(22), let boot = bootTime() {
            families.append(
                .gauge(
                    "process_start_time_seconds", "Start of the process, in seconds since the Unix epoch.",
                    boot + start / ticks))
        }
        if let size = field(23), let pages = field(24) {
            families += [
                .gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.", size),
                .gauge(
                    "process_resident_memory_bytes", "Resident memory size in bytes.",
                    pages * Double(sysconf(Int32(_SC_PAGESIZE)))),
            ]
        }
        if let threads = field(20) {
            families.append(.gauge("process_threads", "Threads of the process.", threads))
        }
        if let open = openDescriptors() {
            families.append(.gauge("process_open_fds", "Open file descriptors.", Double(open)))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            families.append(
                .gauge(
                    "process_max_fds", "File descriptors that the process may have open.", Double(limit.rlim_max)))
        }
        return families
    }

    /// When the system was started, in seconds since the epoch.
    private static func bootTime() -> Double? {
        read("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }

    private static func openDescriptors() -> Int? {
        guard var names = try? DirectoryNames("/proc/self/fd") else { return nil }
        var count = 0
        while names.next() != nil { count += 1 }
        // Without the descriptor that reads the directory.
        return count - 1
    }

    private static func read(_ path: String) -> String {
        String(decoding: (try? contents(ofFile: path)) ?? [], as: UTF8.self)
    }
}
