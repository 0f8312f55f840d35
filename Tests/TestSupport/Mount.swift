import Glibc

/// A file system of the test's own over a directory: small, to be filled, or read-only. Needs root.
public final class Mount: Sendable {
    private let path: String

    /// A file system in memory with that many KiB.
    public init(at path: String, kibibytes: Int, readOnly: Bool = false) throws {
        self.path = path
        let options = "size=\(kibibytes)k,mode=0700\(readOnly ? ",ro" : "")"
        try Command.check(["mount", "-t", "tmpfs", "-o", options, "lever-milter-test", path])
        Reaper.shared.watch(mount: path)
    }

    /// Takes the file system away; what was below it shows again.
    public func unmount() {
        guard umount2(path, 2 /* MNT_DETACH */) == 0 else { return }
        Reaper.shared.forget(mount: path)
    }

    deinit { unmount() }
}
