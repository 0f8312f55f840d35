import Core
import Glibc
import System

/// A spool that is worked in without owning it: by an operator's command, while the daemon runs or does not.
///
/// A message that the daemon is delivering is left to it (`Attempt.busy`), and one that it delivered before is not
/// found where it was (`Attempt.moved`): nothing is delivered that was deleted, nor held that was delivered. Files keep
/// their owner and mode. What was done is durable.
public struct SpoolAccess: Sendable {
    public let directory: String

    /// A message, and a place where it is: seldom, after a crash, it is in two.
    public struct SpoolLocation: Hashable, Sendable {
        public let name: String
        public let area: Spool.Area

        public init(name: String, area: Spool.Area) {
            self.name = name
            self.area = area
        }
    }

    /// What became of something that was to be done with a message.
    public enum Attempt: Sendable {
        case done
        /// The daemon is delivering it, or another command has it: try again soon.
        case busy
        /// It is no longer in that place.
        case moved
    }

    /// Throws where there is no spool, or this user may not look into it.
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
            return []  // A daemon of an older version made no such directory.
        }
    }

    /// Where the message of that entry id is. A damaged file may have another name.
    public func find(entry word: String, in areas: [Spool.Area]) -> [SpoolLocation] {
        let name = EntryID(word)?.description ?? word
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !Spool.isNote(name) else { return [] }
        return areas.map { SpoolLocation(name: name, area: $0) }.filter { access(path($0), F_OK) == 0 }
    }

    /// Where the messages of that queue id are: Postfix uses an id again after a while.
    public func find(queueID: String, in areas: [Spool.Area]) throws(SpoolError) -> [SpoolLocation] {
        var found: [SpoolLocation] = []
        for area in areas {
            found += try messages(in: area).filter { (try? SpooledMessage(path: path($0)))?.header.queueID == queueID }
        }
        return found
    }

    /// Nil where the file is damaged or gone.
    public func header(of place: SpoolLocation) -> SpoolHeader? { (try? SpooledMessage(path: path(place)))?.header }

    /// What is known of a message, its file read from end to end. Nil where it is no longer there.
    public func describe(_ place: SpoolLocation) throws -> SpoolListing.Description? {
        try SpoolListing.Description(place, path: path(place))
    }

    // MARK: Doing

    /// Moves a message from quarantine to where it is delivered from. Throws `SpooledMessage.Damaged` if it can't be.
    public func release(_ name: String) throws -> Attempt {
        let place = SpoolLocation(name: name, area: .quarantine)
        return try attempt(place) { file in
            let message = try SpooledMessage(file)
            try message.verify()
            try Quarantine(directory: directory).release(name)
            // Nobody takes it before the line of reason is gone, which might be another one then.
            withExtendedLifetime(message) {}
        }
    }

    /// Takes a message out of delivery until it is released.
    public func hold(_ place: SpoolLocation, reason: String) throws -> Attempt {
        try attempt(place) { file in
            try Quarantine(directory: directory).take(place.name, from: place.area, reason: reason)
            try SpoolError.wrapping(synchronizeDirectory("\(directory)/\(place.area.rawValue)"))
            _ = consume file
        }
    }

    /// Removes a message for ever.
    public func delete(_ place: SpoolLocation) throws -> Attempt {
        try attempt(place) { file in
            guard unlink(path(place)) == 0 else { throw SpoolError.system("remove", path(place)) }
            if place.area == .quarantine { unlink(Quarantine(directory: directory).reasonPath(place.name)) }
            try SpoolError.wrapping(synchronizeDirectory("\(directory)/\(place.area.rawValue)"))
            _ = consume file
        }
    }

    /// The body has the file, claimed, until it is at its end.
    private func attempt(_ place: SpoolLocation, _ body: (consuming FileDescriptor) throws -> Void) throws -> Attempt {
        // To be written to, for file systems that want that for a lock (NFS).
        guard let file = try SpoolError.wrapping(FileDescriptor.existing(path(place), O_RDWR)) else { return .moved }
        switch try file.claim(.toMove) {
        case .granted: break
        case .busy: return .busy
        case .moved: return .moved
        }
        do {
            try body(file)
        } catch let error as SpoolError where error.isGone && access(path(place), F_OK) != 0 {
            // What is done, the daemon moves without asking.
            return .moved
        }
        return .done
    }
}
