import Core
import Glibc
import Synchronization
import System

/// The directory of messages that are sealed and accepted, and wait for the database. One daemon owns it at a time.
///
///     lock            held by the daemon; holds its process id
///     trigger         FIFO; a byte written to it asks for delivery at once
///     tmp/ENTRY       being written; removed at the next start
///     new/ENTRY       complete and durable; delivered, then moved to delivered/
///     delivered/ENTRY      delivered; kept for a while, should the database lose it, and given up if room is needed
///     redeliver/ENTRY     was in delivered/ when the database was replaced; delivered again
///     quarantine/ENTRY, quarantine/ENTRY.reason
///                     damaged, refused by the database for good, or held by an operator; kept until one decides
///
/// A message is in `new/` from the rename in `SpoolWriter.commit` on. Moving it to `delivered/` needs no fsync: a file that
/// comes back after a crash is delivered again, and the database knows it.
///
/// Operators' commands work in it beside the daemon (`SpoolAccess`): who delivers, moves or removes a message claims its
/// file first, but for what is done, of which nothing can be lost.
///
/// A disk that is full, read-only or failing does not keep a spool from being opened: what needs no room works, and
/// `begin` fails until the disk is mended.
public final class Spool: Sendable {
    public enum Area: String, CaseIterable, Sendable {
        case tmp, new, delivered, redeliver, quarantine
    }

    public let directory: String
    private let lock: SpoolLock
    private let trigger: Trigger
    /// Every area's directory is there, durably.
    private let isComplete = Mutex(false)
    private let needsRoom = Atomic(false)
    private let synchronized: @Sendable (Duration) -> Void

    /// Opens the spool, creating what is missing, and puts it in order after a crash: `tmp/` is emptied, damaged files
    /// move to quarantine. `alarm` is called with one line for each of these, and for what the disk does not allow;
    /// `synchronized` with the time that each fsync for a new message took, on the thread of its message.
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

    /// Makes the directories of areas that are missing, durably: a message in a directory that a crash takes is lost.
    private func complete() throws(SpoolError) {
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

    /// False if the directory is there already.
    private static func make(_ path: String) throws(SpoolError) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw .system("create", path) }
        return false
    }

    private func recover(_ alarm: (String) -> Void) throws {
        do {
            try complete()
        } catch {
            guard error.isOfDisk else { throw error }
            alarm("\(error)")
        }
        for name in try names(in: .tmp) where unlink(path(.tmp, name)) != 0 {
            let error = SpoolError.system("remove", path(.tmp, name))
            guard error.isOfDisk else { throw error }
            alarm("\(error)")
        }
        for name in try names(in: .new) {
            do {
                try putInOrder(name, alarm)
            } catch let error as SpoolError where error.isGone {
                continue  // An operator's command took it elsewhere.
            } catch let error as SpoolError where error.isOfDisk {
                alarm("\(error); tried again later")
            }
        }
    }

    private func putInOrder(_ name: String, _ alarm: (String) -> Void) throws {
        do {
            try SpooledMessage(path: path(.new, name)).verify()
        } catch let error as SpoolError where error.code != 0 {
            throw error
        } catch {
            try quarantine(name, reason: "damaged: \(error)")
            alarm("spool file \(name) is damaged (\(error)); moved to \(directory)/quarantine")
        }
    }

    /// The names in an area, in no order. None, where the disk did not allow the area to be made yet.
    func everyName(in area: Area) throws(SpoolError) -> DirectoryNames {
        try SpoolError.wrapping(
            DirectoryNames("\(directory)/\(area.rawValue)", mayBeMissing: !isComplete.withLock { $0 }))
    }

    private func names(in area: Area) throws(SpoolError) -> [String] { try everyName(in: area).sorted() }

    /// The names in a directory, without hidden ones, sorted: the spool's names sort by time.
    static func names(in directory: String) throws(SpoolError) -> [String] {
        try SpoolError.wrapping(DirectoryNames(directory).sorted())
    }

    /// As `names`, without the lines of reason that stand beside messages.
    public static func messageNames(in directory: String) throws(SpoolError) -> [String] {
        try names(in: directory).filter { !isNote($0) }
    }

    /// Whether a file of that name stands beside a message.
    static func isNote(_ name: String) -> Bool { name.hasSuffix(".reason") || name.hasSuffix(".new") }

    func path(_ area: Area, _ name: String) -> String { "\(directory)/\(area.rawValue)/\(name)" }

    /// Begins a message that will have so many dedupe keys, and a signature or none. Any thread.
    public func begin(_ header: SpoolHeader, dedupeKeys: Int, isSigned: Bool) throws -> SpoolWriter {
        try complete()
        return try SpoolWriter(spool: self, header: header, dedupeKeys: dedupeKeys, isSigned: isSigned)
    }

    func publish(_ entry: EntryID) throws(SpoolError) {
        let source = path(.tmp, entry.description)
        let target = path(.new, entry.description)
        // Opened before the rename, and for this message alone: an error is told once to each descriptor that was open
        // when it came, so of two messages that share one the second would not hear of it.
        let newDirectory = try SpoolError.wrapping(FileDescriptor("\(directory)/new", O_RDONLY | O_DIRECTORY))
        guard rename(source, target) == 0 else { throw .system("rename", source) }
        do {
            try synchronize(newDirectory)
        } catch {
            // The sender is told to try again, so this copy must not be delivered too. Should the removal fail as
            // well, the database finds the second copy to be the same mail.
            unlink(target)
            throw error
        }
        wake()
    }

    /// An fsync that a sender waits for.
    func synchronize(_ file: borrowing FileDescriptor) throws(SpoolError) {
        let start = ContinuousClock.now
        defer { synchronized(ContinuousClock.now - start) }
        try SpoolError.wrapping(file.synchronize())
    }

    /// Throws what would keep a message from being taken now: a file is made, written to and removed.
    public func checkWritable() throws(SpoolError) {
        try complete()
        // Hidden, so that nobody takes it for a message; one that a crash left is replaced.
        let probe = path(.tmp, ".probe")
        unlink(probe)
        try SpoolError.wrapping(TemporaryFile(probe).descriptor.write([UInt8](repeating: 0x55, count: 4096), at: 0))
    }

    /// Wakes whoever waits on `wakeDescriptor`. Never blocks.
    public func wake() { trigger.wake() }

    /// As `wake`, and ends a wait that messages do not end.
    public func wakeUrgently() { trigger.wake(Trigger.deliverNow) }

    /// Readable when a message arrived, or delivery was asked for.
    public var wakeDescriptor: Int32 { trigger.descriptor }

    /// Takes the wake-ups so far; true if one asks for delivery now, whatever wait was planned.
    public func takeWakes() -> Bool { trigger.take() }

    /// The names of messages in an area, oldest first; unless told otherwise, of those that wait.
    public func waiting(in area: Area = .new) throws -> [String] {
        try names(in: area)
    }

    /// Opens a waiting message to deliver it: as long as the result lives, no operator's command moves or removes the
    /// file. Nil where one has it in hand, or took it elsewhere.
    public func claim(_ name: String, in area: Area) throws -> SpooledMessage? {
        guard let file = try SpoolError.wrapping(FileDescriptor.existing(path(area, name), O_RDONLY)),
            try file.claim(.toDeliver) == .granted
        else { return nil }
        return try SpooledMessage(file)
    }

    /// Opens a waiting message to look at it.
    public func open(_ name: String, in area: Area = .new) throws -> SpooledMessage {
        try SpooledMessage(path: path(area, name))
    }

    /// Forgets a delivered message.
    public func remove(_ name: String, from area: Area = .new) throws(SpoolError) {
        guard unlink(path(area, name)) == 0 || errno == ENOENT else { throw .system("remove", path(area, name)) }
    }

    /// Asks whoever delivers to give up what is kept of delivered messages: a message found no room. Any thread.
    public func requestRoom() {
        needsRoom.store(true, ordering: .releasing)
        wake()
    }

    /// Whether that was asked since the last call.
    public func takeRoomRequest() -> Bool { needsRoom.exchange(false, ordering: .acquiring) }

    /// The headers of messages in quarantine, by name; those of damaged files are not known.
    public func quarantined() throws -> [(name: String, header: SpoolHeader)] {
        guard isComplete.withLock({ $0 }) else { return [] }
        return try Self.messageNames(in: "\(directory)/quarantine").compactMap { name in
            (try? SpooledMessage(path: path(.quarantine, name))).map { (name, $0.header) }
        }
    }

    /// Forgets a message in quarantine that was erased elsewhere.
    public func discard(_ name: String) throws(SpoolError) {
        try remove(name, from: .quarantine)
        try remove(name + ".reason", from: .quarantine)
    }

    /// Takes a message out of delivery, with a line that says why. Both files are durable when this returns.
    ///
    /// On an error the message is where it was, and may be tried again. A line that finds no room is no such error:
    /// moving the message takes none, and the others wait behind it. The log has the reason too.
    public func quarantine(_ name: String, from area: Area = .new, reason: String) throws(SpoolError) {
        try complete()
        try Quarantine(directory: directory).take(name, from: area, reason: reason)
    }
}
