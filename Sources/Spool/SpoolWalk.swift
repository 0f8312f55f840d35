public import Core
import System

/// The messages of an area with their records, one by one, in no order; without damaged files. Files may come and go
/// meanwhile. Holds a descriptor of the directory. For one thread.
public final class SpoolWalk {
    private let spool: Spool
    public let area: Spool.Area
    private var names: Names

    private final class Names {
        var names: DirectoryNames
        init(_ names: consuming DirectoryNames) { self.names = names }
    }

    public init(_ spool: Spool, _ area: Spool.Area) throws(SpoolError) {
        self.spool = spool
        self.area = area
        names = Names(try spool.everyName(in: area))
    }

    /// Nil at the end.
    public func next() -> (name: String, record: MessageRecord)? {
        while let name = names.names.next() {
            guard !Spool.isNote(name), let record = try? spool.record(of: name, in: area) else { continue }
            return (name, record)
        }
        return nil
    }
}
