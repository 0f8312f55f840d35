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
        guard utimensat(AT_FDCWD, source, nil, 0) == 0 else { throw .system("move to delivered/", source) }
        if rename(source, target) != 0 {
            let error = SpoolError.system("move to delivered/", source)
            // The directory was moved to redeliver/, and the disk had no room for a new one.
            guard error.isGone, access(source, F_OK) == 0 else { throw error }
            completeAgain()
            try complete()
            guard rename(source, target) == 0 else { throw .system("move to delivered/", source) }
        }
        var status = stat()
        return lstat(target, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// Removes files that are too old, then the oldest until the limit holds. Delivered messages take at most as much
    /// space as they leave free, so that new mail finds some. Returns what is left.
    @discardableResult
    public func tidyDelivered(_ limit: DeliveredLimit) throws(SpoolError) -> Amount {
        let tidying = DeliveredTidying(self, limit)
        while try !tidying.work(while: { true }) {}
        return tidying.left
    }

    /// Removes delivered messages to make room for new mail, all of them unless it is told to stop, for which it asks
    /// before each. Adds what was removed; returns whether nothing is left.
    public func clearDelivered(
        _ cleared: inout Amount, while mayGoOn: () -> Bool = { true }
    ) throws(SpoolError) -> Bool {
        var files = try deliveredFiles()
        while let file = files.next() {
            guard mayGoOn() else { return false }
            try remove(file.name, from: .delivered)
            cleared.files += 1
            cleared.bytes += file.bytes
        }
        return true
    }

    /// Moves all delivered messages to `redeliver/`, durably. Returns their number.
    ///
    /// The whole directory takes the place of `redeliver/`, if nothing is left there from the last time: mail would
    /// have to wait for very many files. BUGS: if something is left, files are moved one by one.
    public func redeliverAll() throws(SpoolError) -> Int {
        try complete()
        // Where nothing is to be moved nothing is written: on a read-only disk what waits is delivered all the same.
        var delivered = try everyName(in: .delivered)
        guard delivered.next() != nil else { return 0 }
        guard rename("\(directory)/\(Area.delivered.rawValue)", "\(directory)/\(Area.redeliver.rawValue)") == 0 else {
            guard errno == ENOTEMPTY || errno == EEXIST else {
                throw .system("move to redeliver/", "\(directory)/\(Area.delivered.rawValue)")
            }
            return try redeliverOneByOne()
        }
        completeAgain()
        try complete()
        var moved = 0
        var names = try everyName(in: .redeliver)
        while names.next() != nil { moved += 1 }
        return moved
    }

    private func redeliverOneByOne() throws(SpoolError) -> Int {
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
        for area in [Area.redeliver, .delivered] where moved > 0 {
            try SpoolError.wrapping(synchronizeDirectory("\(directory)/\(area.rawValue)"))
        }
        return moved
    }

    func deliveredFiles() throws(SpoolError) -> DeliveredFiles {
        DeliveredFiles(names: try everyName(in: .delivered), spool: self)
    }

    /// The files in `delivered/` one by one, in no order.
    struct DeliveredFiles: ~Copyable {
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

    func freeBytes() throws(SpoolError) -> Int {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { throw .system("look at", directory) }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
