import Glibc

/// The process's limit of open files and connections (RLIMIT_NOFILE). Service managers set a low soft limit for the
/// sake of programs that use select(2), which this one does not, and let a process raise it to the hard limit.
enum DescriptorLimit {
    /// The hard limit.
    static var allowed: UInt {
        var limit = rlimit()
        getrlimit(resource, &limit)
        return limit.rlim_max
    }

    /// Sets the soft limit.
    static func set(_ count: UInt) {
        var limit = rlimit(rlim_cur: count, rlim_max: allowed)
        setrlimit(resource, &limit)
    }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
}
