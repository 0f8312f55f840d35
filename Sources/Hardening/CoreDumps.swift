import CLinux
import Glibc

/// Traces of a crash: by default a core file with the whole memory, and Swift's backtrace, which shows the bytes that
/// registers point to.
public enum CoreDumps {
    /// From now on a crash leaves an exit status and nothing else, whatever the limits and the kernel's core_pattern
    /// say. It also keeps other processes of the same user from reading this one's memory (prctl(2)).
    public static func disable() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        CLinux_set_dumpable(0)
        // The Swift runtime's handlers would start a program that traces this one.
        for number in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(number, SIG_DFL) }
    }
}
