// Spool: the durable queue on the mail host. Owns its directory, its file format and every move of a file in it. May
// use System, Core and Sealing (digests and signatures); knows neither Postfix nor the database.

public import Core
import Glibc
import Synchronization
public import System

/// The directory of messages that are sealed and accepted and wait for the database. One daemon owns it at a time.
///
///     lock              held by the daemon; contains its process id
///     trigger           FIFO; a byte written to it requests delivery now
///     tmp/ENTRY         being written; removed at the next start
///     new/ENTRY         complete and durable; delivered, then moved to delivered/
///     delivered/ENTRY   delivered; kept for a while in case the database loses it, removed if room is needed
///     redeliver/ENTRY   was in delivered/ when the database was replaced; to be delivered again
///     quarantine/ENTRY, quarantine/ENTRY.reason
///                       damaged, permanently refused by the database, or held by an operator, who decides
///
/// A message is in `new/` from the rename in `SpoolWriter.commit` on. Moving it to `delivered/` needs no fsync: a file
/// that reappears in `new/` after a crash is delivered again, and the database recognises it.
///
/// Operators' commands work in it beside the daemon (`SpoolAccess`). Whoever delivers, moves or removes a waiting
/// message claims its file first. Delivered files need no claim, since none of them can be lost.
///
/// A spool opens even if its disk is full, read-only or failing: whatever needs no space works, and `begin` fails until
/// the disk is repaired.
public final class Spool: Sendable {
    public enum Area: String, CaseIterable, Sendable {
        case tmp, new, delivered, redeliver, quarantine
    }

    public let directory: String
    private let lock: SpoolLock
    private let trigger: Trigger
    /// Every area's directory exists, durably.
    private let isComplete = Mutex(false)
    private let needsRoom = Atomic(false)
    private let synchronized: @Sendable (Duration) -> Void

    /// Opens the spool. Creates what is missing, empties `tmp/` and moves damaged files to quarantine. `alarm` is
    /// called with one line for each damaged file and for each failure of the disk; `synchronized` with the duration of
    /// each fsync for a new message, on that message's thread. Throws if another daemon owns the spool, or the
    /// directory cannot be used.
    public init(
        directory: String, alarm: (String) -> Void, synchronized: @escaping @Sendable (Duration) -> Void = { _ in }
    ) throws {
        self.directory = directory
        self.synchronized = synchronized
        if try Self.make(directory) {
            try SpoolError.wrapping(synchronizeDirectory(System.directory(of: directory)))
        }
        lock = try SpoolLock(directory: directory, alarm: alarm)
        trigger = try Trigger(path: "\(directory)/trigger", alarm: alarm)
        try recover(alarm)
    }

    /// Creates the missing directories of areas, durably: a crash must not lose a directory, and its messages with it.
    func complete() throws(SpoolError) {
        try isComplete.withLock { isComplete throws(SpoolError) in
            guard !isComplete else { return }
            var made: [String] = []
            do throws(SpoolError) {
                for path in Area.allCases.map({ "\(directory)/\($0.rawValue)" }) where try Self.make(path) {
                    made.append(path)
                }
                try SpoolError.wrapping(synchronizeDirectory(directory))
            } catch {
                // Which of them are durable is not known: the next attempt makes all of them.
                for path in made { rmdir(path) }
                throw error
            }
            isComplete = true
        }
    }

    /// A directory has been moved away: `complete` creates it.
    func completeAgain() { isComplete.withLock { $0 = false } }

    /// Returns false if the directory exists.
    private static func make(_ path: String) throws(SpoolError) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw .system("create", path) }
        return false
    }

    /// The names in an area, unordered. Empty if the disk has not allowed the area to be created yet.
    public func everyName(in area: Area) throws(SpoolError) -> DirectoryNames {
        try SpoolError.wrapping(
            DirectoryNames("\(directory)/\(area.rawValue)", mayBeMissing: !isComplete.withLock { $0 }))
    }

    func names(in area: Area) throws(SpoolError) -> [String] { try everyName(in: area).sorted() }

    /// The names in a directory without hidden ones, sorted, which is by time.
    static func names(in directory: String) throws(SpoolError) -> [String] {
        try SpoolError.wrapping(DirectoryNames(directory).sorted())
    }

    /// As `names`, without the `.reason` files beside messages.
    public static func messageNames(in directory: String) throws(SpoolError) -> [String] {
        try names(in: directory).filter { !isNote($0) }
    }

    /// Whether a file of that name belongs to a message and is none itself.
    static func isNote(_ name: String) -> Bool { name.hasSuffix(".reason") || name.hasSuffix(".new") }

    func path(_ area: Area, _ name: String) -> String { "\(directory)/\(area.rawValue)/\(name)" }

    /// Begins a message. The number of dedupe keys and whether there is a signature must be known now, since they
    /// determine the size of the record. Any thread.
    public func begin(_ record: MessageRecord, dedupeKeys: Int, isSigned: Bool) throws -> SpoolWriter {
        try complete()
        return try SpoolWriter(spool: self, record: record, dedupeKeys: dedupeKeys, isSigned: isSigned)
    }

    /// Moves a complete file to `new/`, durably. On an error the message is not in the spool.
    func publish(_ entry: EntryID) throws(SpoolError) {
        let source = path(.tmp, entry.description)
        let target = path(.new, entry.description)
        // Opened before the rename, and for this message alone: the kernel reports an error once to each descriptor
        // that was open when it occurred, so of two messages sharing one the second would miss it.
        let newDirectory = try SpoolError.wrapping(FileDescriptor("\(directory)/new", O_RDONLY | O_DIRECTORY))
        guard rename(source, target) == 0 else { throw .system("rename", source) }
        do {
            try synchronize(newDirectory)
        } catch {
            // The sender will try again, so this copy must not be delivered too. If the removal fails as well, the
            // database recognises the second copy as a duplicate.
            unlink(target)
            throw error
        }
        wake()
    }

    /// An fsync that a sender waits for, timed.
    func synchronize(_ file: borrowing FileDescriptor) throws(SpoolError) {
        let start = ContinuousClock.now
        defer { synchronized(ContinuousClock.now - start) }
        try SpoolError.wrapping(file.synchronize())
    }

    /// Throws the error that would keep a message from being stored now: creates, writes and removes a file.
    public func checkWritable() throws(SpoolError) {
        try complete()
        // Hidden, so that it is not taken for a message. One left by a crash is replaced.
        let probe = path(.tmp, ".probe")
        unlink(probe)
        try SpoolError.wrapping(TemporaryFile(probe).descriptor.write([UInt8](repeating: 0x55, count: 4096), at: 0))
    }

    /// Wakes the thread that waits on `wakeDescriptor`. Never blocks. Any thread.
    public func wake() { trigger.wake() }

    /// As `wake`, and also ends a back-off, which new messages do not.
    public func wakeUrgently() { trigger.wake(Trigger.deliverNow) }

    /// Readable when a message has arrived or delivery was requested.
    public var wakeDescriptor: Int32 { trigger.descriptor }

    /// Whether a wake-up is pending. Does not block.
    public var isWoken: Bool {
        var descriptor = pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    /// Discards pending wake-ups. Returns true if one of them requests delivery now.
    public func takeWakes() -> Bool { trigger.take() }

    /// The names of messages in an area, by default `new/`, oldest first.
    public func waiting(in area: Area = .new) throws -> [String] {
        try names(in: area)
    }

    /// The number of messages in an area.
    public func count(in area: Area = .new) -> Int {
        var count = 0
        guard var names = try? everyName(in: area) else { return 0 }
        while names.next() != nil { count += 1 }
        return count
    }

    /// Opens a waiting message for delivery. As long as the result lives, no operator's command moves or removes the
    /// file. Nil if a command has claimed or moved it.
    public func claim(_ name: String, in area: Area) throws -> SpooledMessage? {
        guard let file = try SpoolError.wrapping(FileDescriptor.existing(path(area, name), O_RDONLY)),
            try file.claim(.toDeliver) == .granted
        else { return nil }
        return try SpooledMessage(file)
    }

    /// What is known of a message. Reads the front of the file alone: a damaged file may have a record.
    public func record(of name: String, in area: Area) throws -> MessageRecord {
        try SpoolFormat.record(
            of: SpoolError.wrapping(FileDescriptor(path(area, name), O_RDONLY)))
    }

    /// The company of a message, from the first bytes of its file.
    public func company(of name: String, in area: Area) throws -> CompanyID {
        try SpoolFormat.company(of: SpoolError.wrapping(FileDescriptor(path(area, name), O_RDONLY)))
    }

    /// Opens a message for reading, without a claim.
    public func open(_ name: String, in area: Area = .new) throws -> SpooledMessage {
        try SpooledMessage(path: path(area, name))
    }

    /// Removes a message. It is no error if it is gone already.
    public func remove(_ name: String, from area: Area = .new) throws(SpoolError) {
        guard unlink(path(area, name)) == 0 || errno == ENOENT else { throw .system("remove", path(area, name)) }
    }

    /// Asks the delivery thread to remove the delivered messages that are kept, because a new message found no room.
    /// Any thread.
    public func requestRoom() {
        needsRoom.store(true, ordering: .releasing)
        wake()
    }

    /// Whether room was requested since the last call.
    public func takeRoomRequest() -> Bool { needsRoom.exchange(false, ordering: .acquiring) }
}
