import Glibc
import System

/// What takes up room in a spool, and how much there is. Read without its lock; a message that moves meanwhile may be
/// counted in both places or in none.
public struct SpoolUsage: Sendable {
    public struct Part: Sendable {
        public var files = 0
        /// On disk.
        public var bytes = 0
        /// Seconds since the oldest file was last written to or moved to delivered/; 0 where there is none.
        public var oldestAge = 0
    }

    public private(set) var parts: [Spool.Area: Part] = [:]
    /// Bytes that the file system has for the daemon's user.
    public private(set) var freeBytes = 0
    /// Bytes of the whole file system.
    public private(set) var totalBytes = 0

    /// What cannot be read counts as nothing.
    public init(directory: String) {
        let now = time(nil)
        for area in Spool.Area.allCases {
            var part = Part()
            guard var names = try? DirectoryNames("\(directory)/\(area.rawValue)", mayBeMissing: true) else { continue }
            while let name = names.next() {
                var status = stat()
                // A line of reason stands beside its message.
                guard !name.hasSuffix(".reason"), lstat("\(directory)/\(area.rawValue)/\(name)", &status) == 0 else {
                    continue
                }
                part.files += 1
                part.bytes += Int(status.st_blocks) * 512
                part.oldestAge = max(part.oldestAge, now - status.st_mtim.tv_sec)
            }
            parts[area] = part
        }
        var status = statvfs()
        if statvfs(directory, &status) == 0 {
            freeBytes = Int(status.f_bavail) * Int(status.f_frsize)
            totalBytes = Int(status.f_blocks) * Int(status.f_frsize)
        }
    }
}
