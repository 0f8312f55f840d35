import Core
import Spool
import System

/// The routing snapshot in force, and its last good copy on disk, with which the daemon starts while the database is
/// down. Sessions read it from any thread; the delivery thread replaces it.
final class RoutingTable: Sendable {
    private let routing: Snapshot<Routing>
    private let file: RoutingFile

    init(_ routing: Routing, file: RoutingFile) {
        self.routing = Snapshot(routing)
        self.file = file
    }

    var current: Routing { routing.current }

    /// Takes what the database says now; false if it says what it said before. Rows that make no sense leave the old
    /// snapshot in force. A `SpoolError` says that the new one is in force and not on disk.
    func replace(with rows: [Routing.Row]) throws -> Bool {
        let new = try Routing(rows: rows)
        routing.replace(with: new)
        return try file.save(rows)
    }
}
