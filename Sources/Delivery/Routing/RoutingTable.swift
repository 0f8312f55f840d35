public import Core
public import Spool
public import System

/// The routing in force, and its last good copy on disk, with which the daemon starts while the database is down.
/// Sessions read `snapshot` on any thread; the delivery thread replaces it.
public final class RoutingTable: Sendable {
    public let snapshot: Snapshot<Routing>
    private let file: RoutingFile

    public init(_ routing: Routing, file: RoutingFile) {
        snapshot = Snapshot(routing)
        self.file = file
    }

    public var current: Routing { snapshot.current }

    /// Puts the database's rows in force; returns whether they differ from the copy on disk. Rows that make no sense
    /// leave the old routing in force. A `SpoolError` means that the new routing is in force but not on disk.
    public func replace(with rows: [Routing.Row]) throws -> Bool {
        let new = try Routing(rows: rows)
        snapshot.replace(with: new)
        return try file.save(rows)
    }
}
