public import Core
import Glibc
import System

/// Access to a spool without owning it, for operators' commands, whether or not the daemon runs. A plain value.
///
/// A message that the daemon is delivering is left alone (`Attempt.busy`); one that it has delivered is no longer where
/// it was (`Attempt.moved`). So a deleted message is never delivered, and a delivered one never held. Files keep their
/// owner and mode. Every change is durable.
public struct SpoolAccess: Sendable {
    public let directory: String

    /// A message and one of its locations; after a crash it may have two.
    public struct SpoolLocation: Hashable, Sendable {
        public let name: String
        public let area: Spool.Area

        public init(name: String, area: Spool.Area) {
            self.name = name
            self.area = area
        }
    }

    /// The result of an operation on a message.
    public enum Attempt: Sendable {
        case done
        /// The daemon is delivering it, or another command has claimed it: try again soon.
        case busy
        /// It is no longer at that location.
        case moved
    }

    /// Throws if there is no spool, or if this user has no access to it.
    public init(directory: String) throws(SpoolError) {
        self.directory = directory
        _ = try SpoolError.wrapping(FileDescriptor("\(directory)/new", O_RDONLY | O_DIRECTORY))
    }

    func path(_ place: SpoolLocation) -> String { "\(directory)/\(place.area.rawValue)/\(place.name)" }

    // MARK: Finding

    /// The messages in an area, oldest first.
    public func messages(in area: Spool.Area) throws(SpoolError) -> [SpoolLocation] {
        do {
            return try Spool.messageNames(in: "\(directory)/\(area.rawValue)").map {
                SpoolLocation(name: $0, area: area)
            }
        } catch  where error.isGone {
            return []  // Missing until the disk has allowed it to be created.
        }
    }

    /// The locations of the message with this entry id, or of the damaged file with this name.
    public func find(entry word: String, in areas: [Spool.Area]) -> [SpoolLocation] {
        let name = EntryID(word)?.description ?? word
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !Spool.isNote(name) else { return [] }
        return areas.map { SpoolLocation(name: name, area: $0) }.filter { access(path($0), F_OK) == 0 }
    }

    /// The locations of messages with this queue ID. There may be several, since Postfix reuses ids.
    public func find(queueID: String, in areas: [Spool.Area]) throws(SpoolError) -> [SpoolLocation] {
        var found: [SpoolLocation] = []
        for area in areas {
            found += try messages(in: area).filter { (try? SpooledMessage(path: path($0)))?.record.queueID == queueID }
        }
        return found
    }

    /// Nil if the file is damaged or gone.
    public func record(of place: SpoolLocation) -> MessageRecord? { (try? SpooledMessage(path: path(place)))?.record }

    /// A message in detail; reads and verifies the whole file. Nil if it is gone.
    public func describe(_ place: SpoolLocation) throws -> SpoolListing.Description? {
        try SpoolListing.Description(place, path: path(place))
    }

    // MARK: Doing

    /// Moves a message from quarantine to `new/`. Throws `SpooledMessage.Damaged` if its file is damaged.
    public func release(_ name: String) throws -> Attempt {
        let place = SpoolLocation(name: name, area: .quarantine)
        return try attempt(place) { file in
            let message = try SpooledMessage(file)
            try message.verify()
            try Quarantine(directory: directory).release(name)
            // Holds the claim until the reason is removed; otherwise that of a new quarantine could be removed.
            withExtendedLifetime(message) {}
        }
    }

    /// Moves a message to quarantine until it is released.
    public func hold(_ place: SpoolLocation, reason: String) throws -> Attempt {
        try attempt(place) { file in
            try Quarantine(directory: directory).take(place.name, from: place.area, reason: reason)
            try SpoolError.wrapping(synchronizeDirectory("\(directory)/\(place.area.rawValue)"))
            _ = consume file
        }
    }

    /// Removes a message permanently.
    public func delete(_ place: SpoolLocation) throws -> Attempt {
        try attempt(place) { file in
            guard unlink(path(place)) == 0 else { throw SpoolError.system("remove", path(place)) }
            if place.area == .quarantine { unlink(Quarantine(directory: directory).reasonPath(place.name)) }
            try SpoolError.wrapping(synchronizeDirectory("\(directory)/\(place.area.rawValue)"))
            _ = consume file
        }
    }

    /// Runs the body with the file, claimed.
    private func attempt(_ place: SpoolLocation, _ body: (consuming FileDescriptor) throws -> Void) throws -> Attempt {
        // Opened for writing because NFS requires it for an exclusive lock.
        guard let file = try FileDescriptor.spooled(path(place), O_RDWR) else { return .moved }
        switch try file.claim(.toMove) {
        case .granted: break
        case .busy: return .busy
        case .moved: return .moved
        }
        do {
            try body(file)
        } catch let error as SpoolError where error.isGone && access(path(place), F_OK) != 0 {
            // The daemon moves delivered files without a claim.
            return .moved
        }
        return .done
    }
}
