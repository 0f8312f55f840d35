/// Which database this is, and how far it has come. A database that is another, or has come less far than it had before,
/// may lack what was stored: a standby was promoted that had not received all of it, or a backup restored.
public struct DatabasePosition: Hashable, Sendable {
    /// The cluster, from its initdb on; a physical copy has it too.
    public var system: Int64
    /// The object id of the database.
    public var database: Int64
    /// A promoted standby and a point-in-time recovery begin a new one.
    public var timeline: Int64
    /// The object id of lever.message; what a dump brought has a new one.
    public var table: Int64
    /// Bytes of write-ahead log that are on the server's disk. A crash takes none of it back; an older copy of the disk
    /// has less.
    public var position: Int64

    public init(system: Int64, database: Int64, timeline: Int64, table: Int64, position: Int64) {
        self.system = system
        self.database = database
        self.timeline = timeline
        self.table = table
        self.position = position
    }

    /// True if everything that was stored at that time is there now, for all that can be told from here.
    ///
    /// BUGS: an older copy of the same disk that has written as much log as was known before is not recognised.
    public func continues(_ earlier: DatabasePosition) -> Bool {
        system == earlier.system && database == earlier.database && timeline == earlier.timeline
            && table == earlier.table && position >= earlier.position
    }
}
