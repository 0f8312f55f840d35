import Glibc

/// How many files and connections the process may have open. Service managers set a low limit, for programs that use
/// select(2), which this is not, and allow to ask for more.
enum DescriptorLimit {
    /// As many as may be asked for.
    static var allowed: UInt {
        var limit = rlimit()
        getrlimit(resource, &limit)
        return limit.rlim_max
    }

    static func set(_ count: UInt) {
        var limit = rlimit(rlim_cur: count, rlim_max: allowed)
        setrlimit(resource, &limit)
    }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
}
