import Glibc

/// Memory that was given back, where content of a message would otherwise lie until something else needs the room: the
/// arrays of Swift, and the buffers that libmilter reads into.
public enum FreedMemory {
    /// Makes the allocator overwrite what is freed. glibc takes that from the environment, before `main`, and its cache
    /// of each thread would be left out, so the program starts once more, as the same process, with the cache off. Call
    /// it before anything else.
    ///
    /// BUGS: does nothing where /proc is not mounted, and where the program file has capabilities (ld.so(8),
    /// secure-execution mode).
    public static func overwrite() {
        guard getenv(startedAgain) == nil else { return }
        setenv(startedAgain, "1", 1)
        let present = getenv("GLIBC_TUNABLES").map { String(cString: $0) }
        setenv("GLIBC_TUNABLES", [present, tunables].compactMap(\.self).joined(separator: ":"), 1)
        // By its own path, since the process is called by the name that it is started with.
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return }
        execv(path, CommandLine.unsafeArgv)
        // Without it everything works as well.
    }

    /// In the environment: this is the second start, whatever became of the tunables.
    private static let startedAgain = "LEVER_MILTER_STARTED_AGAIN"
    /// GNU C library manual, 37.2, Memory Allocation Tunables. The byte is arbitrary. What is larger than a part of a
    /// body goes back to the system when it is freed; left alone, the allocator would learn to keep it.
    private static let tunables =
        "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0:glibc.malloc.mmap_threshold=1048576"
}
