import Glibc

/// How many files and connections the process may have open. Service managers set a low limit for programs that use
/// select(2), which this is not, and leave a higher one to be asked for.
enum DescriptorLimit {
    /// Asks for all that is allowed. Returns how many that are.
    static func raise() -> UInt {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        return setrlimit(resource, &limit) == 0 ? limit.rlim_cur : before
    }
}
