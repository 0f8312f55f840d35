// Hardening: what a process does at its start to keep message content out of freed memory and core files. May use
// glibc and CLinux.

import Glibc

/// Freed memory, in which message content would otherwise remain until it is reused: Swift's arrays, and the buffers
/// that libmilter reads into.
public enum FreedMemory {
    /// Makes the allocator overwrite freed memory. glibc reads this setting from the environment before `main`, and its
    /// per-thread cache would be exempt, so the program executes itself again, as the same process, with the setting on
    /// and the cache off. Call it before anything else.
    ///
    /// BUGS: Does nothing if /proc is not mounted, or if the program file has capabilities (ld.so(8), secure-execution
    /// mode).
    public static func overwrite() {
        guard getenv(startedAgain) == nil else { return }
        setenv(startedAgain, "1", 1)
        let present = getenv("GLIBC_TUNABLES").map { String(cString: $0) }
        setenv("GLIBC_TUNABLES", [present, tunables].compactMap(\.self).joined(separator: ":"), 1)
        // By its real path: started as /proc/self/exe, the process would bear that name.
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return }
        execv(path, CommandLine.unsafeArgv)
        // The program works without it too.
    }

    /// Set in the environment of the second start, whether or not the tunables took effect.
    private static let startedAgain = "LEVER_MILTER_STARTED_AGAIN"
    /// GNU C library manual, 37.2, Memory Allocation Tunables. The byte is arbitrary. Allocations larger than a body
    /// chunk go back to the system when freed; without the fixed threshold the allocator would learn to keep them.
    private static let tunables =
        "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0:glibc.malloc.mmap_threshold=1048576"
}
