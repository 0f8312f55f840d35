public import Core
import Glibc
import System

/// Delivered messages, kept for a while in case the database loses them, as when a standby that lagged behind is
/// promoted. They are expendable: they are removed when they are too old, too many, or in the way of new mail.
///
/// There may be very many, so nothing here holds a list.
extension Spool {
    /// How much is kept.
    public struct DeliveredLimit: Sendable {
        /// Seconds since delivery; 0 keeps nothing.
        public var age: Int
        /// Bytes on disk.
        public var bytes: Int

        public init(age: Int, bytes: Int) {
            self.age = age
            self.bytes = bytes
        }
    }

    /// Files, and their bytes on disk.
    public struct Amount: Hashable, Sendable {
        public var files = 0
        public var bytes = 0

        public init() {}
    }

    /// Moves a delivered message to `delivered/`. Returns its bytes on disk. Sets the file's modification time to now,
    /// which is the time of delivery.
    public func keepDelivered(_ name: String, from area: Area = .new) throws(SpoolError) -> Int {
        let (source, target) = (path(area, name), path(.delivered, name))
        // The time is set before the rename, so that no file in delivered/ ever has its arrival time.
        guard utimensat(AT_FDCWD, source, nil, 0) == 0, rename(source, target) == 0 else {
            throw .system("move to delivered/", source)
        }
        var status = stat()
        return lstat(target, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// Removes files that are too old, then the oldest until the limit holds. Delivered messages take at most as much
    /// space as they leave free, so that new mail finds some. Returns what is left.
    @discardableResult
    public func tidyDelivered(_ limit: DeliveredLimit) throws(SpoolError) -> Amount {
        let now = time(nil)
        // A histogram of bytes by age, youngest first, finds the oldest files without a list.
        var ages = [Int](repeating: 0, count: 1024)
        let width = limit.age / ages.count + 1
        var left = Amount()
        var files = try doneFiles()
        while let file = files.next() {
            guard now - file.delivered < limit.age else {
                try remove(file.name, from: .delivered)
                continue
            }
            left.files += 1
            left.bytes += file.bytes
            ages[max(0, now - file.delivered) / width] += file.bytes
        }
        let room = min(limit.bytes, (try freeBytes() + left.bytes) / 2)
        guard left.bytes > room else { return left }

        // Remove somewhat more than necessary, so that this does not run again for each new message.
        var oldest = 0
        var spare = room - room / 8
        while spare >= ages[oldest] {
            spare -= ages[oldest]
            oldest += 1
        }
        left = Amount()
        files = try doneFiles()
        while let file = files.next() {
            let age = max(0, now - file.delivered) / width
            // Of the boundary's age class, keep as many as fit.
            if age == oldest { spare -= file.bytes }
            guard age < oldest || (age == oldest && spare >= 0) else {
                try remove(file.name, from: .delivered)
                continue
            }
            left.files += 1
            left.bytes += file.bytes
        }
        return left
    }

    /// Removes all delivered messages to make room for new mail. Returns what was removed.
    public func clearDelivered() throws(SpoolError) -> Amount {
        var cleared = Amount()
        var files = try doneFiles()
        while let file = files.next() {
            try remove(file.name, from: .delivered)
            cleared.files += 1
            cleared.bytes += file.bytes
        }
        return cleared
    }

    /// Moves all delivered messages to `redeliver/`, durably. Returns their number.
    public func redeliverAll() throws(SpoolError) -> Int {
        var moved = 0
        var before: Int
        repeat {
            before = moved
            var names = try everyName(in: .delivered)
            while let name = names.next() {
                guard rename(path(.delivered, name), path(.redeliver, name)) == 0 else {
                    // An operator's command removed it.
                    if errno == ENOENT { continue }
                    throw .system("move to redeliver/", path(.delivered, name))
                }
                moved += 1
            }
        } while moved > before  // A listing may miss names while the directory changes.
        // If nothing was moved, there is nothing to sync, and the directory may not exist.
        for area in [Area.redeliver, .delivered] where moved > 0 {
            try SpoolError.wrapping(synchronizeDirectory("\(directory)/\(area.rawValue)"))
        }
        return moved
    }

    /// Calls the body with groups of up to `size` delivered messages and their records. The body may remove them.
    public func forEachDelivered(
        groupsOf size: Int, _ body: ([(name: String, record: MessageRecord)]) throws -> Void
    ) throws {
        var names = try everyName(in: .delivered)
        var group: [(name: String, record: MessageRecord)] = []
        while let name = names.next() {
            guard let message = try? open(name, in: .delivered) else { continue }
            group.append((name, message.record))
            if group.count == size {
                try body(group)
                group = []
            }
        }
        if !group.isEmpty { try body(group) }
    }

    private func doneFiles() throws(SpoolError) -> DeliveredFiles {
        DeliveredFiles(names: try everyName(in: .delivered), spool: self)
    }

    private struct DeliveredFiles: ~Copyable {
        var names: DirectoryNames
        let spool: Spool

        mutating func next() -> (name: String, delivered: time_t, bytes: Int)? {
            while let name = names.next() {
                var status = stat()
                guard lstat(spool.path(.delivered, name), &status) == 0 else { continue }
                return (name, status.st_mtim.tv_sec, Int(status.st_blocks) * 512)
            }
            return nil
        }
    }

    private func freeBytes() throws(SpoolError) -> Int {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { throw .system("look at", directory) }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
