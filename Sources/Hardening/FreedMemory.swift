import Glibc

/// Memory that was given back, where content of a message would otherwise lie until something else needs the room: the
/// arrays of Swift, and the buffers that libmilter reads into.
public enum FreedMemory {
    /// Makes the allocator overwrite what is freed. glibc takes that from the environment, before `main`, and its cache
    /// of each thread would be left out, so the program starts once more, as the same process, with the cache off. Call
    /// it before anything else.
    ///
    /// BUGS: does nothing where /proc is not mounted.
    public static func overwrite() {
        let name = "GLIBC_TUNABLES"
        let present = getenv(name).map { String(cString: $0) }
        guard present?.contains(tunables) != true else { return }
        setenv(name, [present, tunables].compactMap(\.self).joined(separator: ":"), 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
        // Without it everything works as well.
    }

    /// GNU C library manual, 37.2, Memory Allocation Tunables. The byte is arbitrary.
    private static let tunables = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"
}
