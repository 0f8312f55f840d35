/// The identity of a database and its position in the write-ahead log. A database with another identity, or a lower
/// position than it had before, may lack messages that were stored: a standby was promoted before it had received all
/// of them, or a backup was restored.
public struct DatabasePosition: Hashable, Sendable {
    /// The cluster's system identifier, made by initdb and shared by physical copies.
    public var system: Int64
    /// The object id of the database.
    public var database: Int64
    /// The timeline id: promoting a standby and recovering to a point in time each begin a new timeline.
    public var timeline: Int64
    /// The object id of lever.message; a restored dump has a new one.
    public var table: Int64
    /// Bytes of write-ahead log on the server's disk. A crash does not lower it; an older copy of the disk has a lower
    /// one.
    public var position: Int64

    public init(system: Int64, database: Int64, timeline: Int64, table: Int64, position: Int64) {
        self.system = system
        self.database = database
        self.timeline = timeline
        self.table = table
        self.position = position
    }

    /// True if everything that was stored at the earlier position is still there, as far as positions can show it.
    ///
    /// BUGS: an older copy of the same disk that has since written as much log as the earlier position is not
    /// recognised.
    public func continues(_ earlier: DatabasePosition) -> Bool {
        system == earlier.system && database == earlier.database && timeline == earlier.timeline
            && table == earlier.table && position >= earlier.position
    }
}
