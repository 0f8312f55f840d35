import Core
import Glibc
import Synchronization

/// The directory of messages that are sealed and accepted, and wait for the database. One daemon owns it at a time.
///
///     lock            held by the daemon; holds its process id
///     trigger         FIFO; a byte written to it asks for delivery at once
///     tmp/ENTRY       being written; removed at the next start
///     new/ENTRY       complete and durable; delivered, then moved to done/
///     done/ENTRY      delivered; kept for a while, should the database lose it, and given up if room is needed
///     again/ENTRY     was in done/ when the database was replaced; delivered again
///     quarantine/ENTRY, quarantine/ENTRY.reason
///                     damaged, or refused by the database for good; kept until an operator decides
///
/// A message is in `new/` from the rename in `SpoolWriter.commit` on. Moving it to `done/` needs no fsync: a file that
/// comes back after a crash is delivered again, and the database knows it.
public final class Spool: Sendable {
    public enum Area: String, CaseIterable, Sendable {
        case tmp, new, done, again, quarantine
    }

    public let directory: String
    private let lock: FileDescriptor
    private let newDirectory: FileDescriptor
    private let quarantineDirectory: FileDescriptor
    private let trigger: FileDescriptor
    private let needsRoom = Atomic(false)

    /// Opens the spool, creating what is missing, and puts it in order after a crash: `tmp/` is emptied, damaged files
    /// move to quarantine. `alarm` is called with one line for each of these.
    public init(directory: String, alarm: (String) -> Void) throws {
        self.directory = directory
        for path in [directory] + Area.allCases.map({ "\(directory)/\($0.rawValue)" }) {
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SpoolError.system("create", path) }
        }
        lock = try FileDescriptor("\(directory)/lock", O_RDWR | O_CREAT)
        guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            throw SpoolError("another lever-milter uses the spool \(directory); stop it or name another spool")
        }
        ftruncate(lock.number, 0)
        try lock.write(Array("\(getpid())\n".utf8), at: 0)

        let triggerPath = "\(directory)/trigger"
        guard mkfifo(triggerPath, 0o620) == 0 || errno == EEXIST else {
            throw SpoolError.system("create", triggerPath)
        }
        trigger = try FileDescriptor(triggerPath, O_RDWR | O_NONBLOCK)
        newDirectory = try FileDescriptor("\(directory)/new", O_RDONLY | O_DIRECTORY)
        quarantineDirectory = try FileDescriptor("\(directory)/quarantine", O_RDONLY | O_DIRECTORY)
        try recover(alarm)
    }

    deinit {
        // Closing the file would do, but for a child process that has a copy of the descriptor until it calls exec.
        flock(lock.number, LOCK_UN)
    }

    private func recover(_ alarm: (String) -> Void) throws {
        for name in try Self.names(in: "\(directory)/tmp") {
            guard unlink(path(.tmp, name)) == 0 else { throw SpoolError.system("remove", path(.tmp, name)) }
        }
        for name in try Self.names(in: "\(directory)/new") {
            do {
                try SpooledMessage(path: path(.new, name)).verify()
            } catch let error as SpoolError where error.code != 0 {
                throw error
            } catch {
                try quarantine(name, reason: "damaged: \(error)")
                alarm("spool file \(name) is damaged (\(error)); moved to \(directory)/quarantine")
            }
        }
    }

    /// The names in a directory, without hidden ones, sorted: the spool's names sort by time.
    static func names(in directory: String) throws(SpoolError) -> [String] {
        var found = try DirectoryNames(directory)
        var names: [String] = []
        while let name = found.next() { names.append(name) }
        return names.sorted()
    }

    /// As `names`, without the lines of reason that stand beside messages.
    static func messageNames(in directory: String) throws(SpoolError) -> [String] {
        try names(in: directory).filter { !$0.hasSuffix(".reason") && !$0.hasSuffix(".new") }
    }

    func path(_ area: Area, _ name: String) -> String { "\(directory)/\(area.rawValue)/\(name)" }

    /// Begins a message that will have so many dedupe keys, and a signature or none. Any thread.
    public func begin(_ header: SpoolHeader, dedupeKeys: Int, isSigned: Bool) throws -> SpoolWriter {
        try SpoolWriter(spool: self, header: header, dedupeKeys: dedupeKeys, isSigned: isSigned)
    }

    func publish(_ entry: EntryID) throws(SpoolError) {
        let source = path(.tmp, entry.description)
        let target = path(.new, entry.description)
        guard rename(source, target) == 0 else { throw .system("rename", source) }
        do {
            try newDirectory.synchronize()
        } catch {
            // The sender is told to try again, so this copy must not be delivered too. Should the removal fail as
            // well, the database finds the second copy to be the same mail.
            unlink(target)
            throw error
        }
        wake()
    }

    /// Bytes in the FIFO: a message has come, or an operator wants everything delivered now.
    static let messageArrived: UInt8 = 0
    static let deliverNow: UInt8 = 1

    /// Wakes whoever waits on `wakeDescriptor`. Never blocks: a full FIFO already says what there is to say.
    public func wake() { wake(Self.messageArrived) }

    /// As `wake`, and ends a wait that messages do not end.
    public func wakeUrgently() { wake(Self.deliverNow) }

    private func wake(_ byte: UInt8) {
        withUnsafeBytes(of: byte) { _ = Glibc.write(trigger.number, $0.baseAddress!, 1) }
    }

    /// Readable when a message arrived, or delivery was asked for.
    public var wakeDescriptor: Int32 { trigger.number }

    /// Takes the wake-ups so far; true if one asks for delivery now, whatever wait was planned.
    public func takeWakes() -> Bool {
        var isUrgent = false
        var wakes = [UInt8](repeating: 0, count: 512)
        while case let count = Glibc.read(trigger.number, &wakes, wakes.count), count > 0 {
            isUrgent = isUrgent || wakes[..<count].contains(Self.deliverNow)
        }
        return isUrgent
    }

    /// The names of messages in an area, oldest first; unless told otherwise, of those that wait.
    public func waiting(in area: Area = .new) throws -> [String] {
        try Self.names(in: "\(directory)/\(area.rawValue)")
    }

    /// Opens a waiting message.
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
        try Self.messageNames(in: "\(directory)/quarantine").compactMap { name in
            (try? SpooledMessage(path: path(.quarantine, name))).map { (name, $0.header) }
        }
    }

    /// Forgets a message in quarantine that was erased elsewhere.
    public func discard(_ name: String) throws(SpoolError) {
        for path in [path(.quarantine, name), path(.quarantine, name + ".reason")] {
            guard unlink(path) == 0 || errno == ENOENT else { throw .system("remove", path) }
        }
    }

    /// Takes a message out of delivery, with a line that says why. Both files are durable when this returns.
    ///
    /// On an error the message is where it was, and may be tried again. A line that finds no room is no such error:
    /// moving the message takes none, and the others wait behind it. The log has the reason too.
    public func quarantine(_ name: String, from area: Area = .new, reason: String) throws(SpoolError) {
        let reasonPath = path(.quarantine, name + ".reason")
        do {
            try replaceFile(reasonPath, with: Array("\(Timestamp.now()) \(reason)\n".utf8))
        } catch  where error.isFull {
            unlink(reasonPath)  // The line of an earlier time says something else.
        }
        guard rename(path(area, name), path(.quarantine, name)) == 0 else {
            throw .system("quarantine", path(area, name))
        }
        try quarantineDirectory.synchronize()
    }
}
