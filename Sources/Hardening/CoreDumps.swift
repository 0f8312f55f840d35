import CLinux
import Glibc

/// What a crash leaves behind: by default a core file with all that was in memory, and Swift's backtrace, which shows the
/// bytes that registers point to.
public enum CoreDumps {
    /// From now on a crash is an exit status and no more, whatever the limits and the kernel's core_pattern say. Processes
    /// of the same user no longer look into this one's memory either (prctl(2)).
    public static func disable() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        CLinux_set_dumpable(0)
        // The Swift runtime's handlers start a program that would trace this one, and wait for it.
        for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(number, SIG_DFL) }
    }
}
