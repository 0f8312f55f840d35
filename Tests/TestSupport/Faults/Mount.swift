import Glibc

/// A tmpfs mounted over a directory: small, to be filled, or read-only. Needs root.
public final class Mount: Sendable {
    private let path: String

    /// `options` are those of tmpfs(5), such as `size=16k`, `nr_inodes=1` and `ro`.
    public init(at path: String, _ options: String) throws {
        self.path = path
        try Command.check(["mount", "-t", "tmpfs", "-o", "mode=0700,\(options)", "lever-milter-test", path])
        Reaper.shared.watch(mount: path)
    }

    /// Changes options of the file system, whose files stay.
    public func remount(_ options: String) throws {
        try Command.check(["mount", "-o", "remount,\(options)", path])
    }

    /// Unmounts the file system, and the directory's own files are visible again.
    public func unmount() {
        guard umount2(path, 2 /* MNT_DETACH */) == 0 else { return }
        Reaper.shared.forget(mount: path)
    }

    deinit { unmount() }
}
