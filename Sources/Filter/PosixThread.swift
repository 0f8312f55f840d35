import Glibc

/// Starts threads that run one function each: libmilter's loop and the delivery block for long, which Swift's own pool
/// must not.
enum PosixThread {
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    static func start(_ body: @escaping @Sendable () -> Void) throws {
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
            throw Daemon.StartError(description: "cannot start a thread: \(String(cString: strerror(code)))")
        }
        pthread_detach(thread)
    }
}
