import Glibc

/// Starts detached threads that run one function each. For what blocks for long, such as libmilter's loop and delivery:
/// Swift's own thread pool must not be blocked.
public enum PosixThread {
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    public static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &thread, nil,
            { pointer in
                Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            throw SystemError("start", "a thread", code)
        }
        pthread_detach(thread)
    }
}
