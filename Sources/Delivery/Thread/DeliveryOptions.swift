public import Spool

/// The delivery thread's part of the configuration. It can change while the daemon runs.
public struct DeliveryOptions: Sendable {
    /// This mail host's name.
    public var host: String
    /// A libpq connection string.
    public var database: String
    /// Seconds that the database may take to answer.
    public var databaseTimeout: Int
    /// Messages in a batch.
    public var batchLimit: Int
    /// Seconds between two looks at routing, and before a message that the disk held up is tried again.
    public var pollInterval: Int
    /// Seconds between two attempts to reach the database.
    public var retry: ClosedRange<Int>
    /// How many delivered messages are kept.
    public var deliveredLimit: Spool.DeliveredLimit

    public init(
        host: String, database: String, databaseTimeout: Int = 90, batchLimit: Int, pollInterval: Int,
        retry: ClosedRange<Int>, deliveredLimit: Spool.DeliveredLimit = Spool.DeliveredLimit(age: 3600, bytes: 1 << 30)
    ) {
        self.host = host
        self.database = database
        self.databaseTimeout = databaseTimeout
        self.batchLimit = batchLimit
        self.pollInterval = pollInterval
        self.retry = retry
        self.deliveredLimit = deliveredLimit
    }
}
