import Glibc
import System

/// Disk usage of a spool. Read without its lock; a message that moves meanwhile may be counted twice or not at all.
public struct SpoolUsage: Sendable {
    public struct Part: Sendable {
        public var files = 0
        /// Bytes on disk.
        public var bytes = 0
        /// Seconds since the oldest file was written or, in `delivered/`, delivered; 0 if there is none.
        public var oldestAge = 0
    }

    public private(set) var parts: [Spool.Area: Part] = [:]
    /// Bytes of free space on the file system, available without privileges.
    public private(set) var freeBytes = 0
    /// Size of the file system in bytes.
    public private(set) var totalBytes = 0

    /// Anything that cannot be read counts as 0.
    public init(directory: String) {
        let now = time(nil)
        for area in Spool.Area.allCases {
            var part = Part()
            guard var names = try? DirectoryNames("\(directory)/\(area.rawValue)", mayBeMissing: true) else { continue }
            while let name = names.next() {
                var status = stat()
                // A .reason file is no message.
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
