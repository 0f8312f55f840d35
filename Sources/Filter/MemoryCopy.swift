import Spool

/// A new copy on disk while everything is read. What the disk refuses holds up nothing.
struct MemoryCopy: ~Copyable {
    private var writer: MemoryFile.Rewriting?
    private let log: EventLog

    init(_ file: MemoryFile, of source: MemorySource, log: EventLog) {
        self.log = log
        do {
            writer = try file.rewrite()
        } catch {
            log.memoryNotKept(error)
            writer = nil
        }
        append(MemoryFile.Block(.source, bytes: Array(source.text.utf8)))
    }

    mutating func append(_ block: MemoryFile.Block) {
        do {
            try writer?.append(block)
        } catch {
            log.memoryNotKept(error)
            writer = nil
        }
    }

    /// False if there is none.
    consuming func commit() -> Bool {
        guard let writer = writer.take() else { return false }
        do {
            try writer.commit()
            return true
        } catch {
            log.memoryNotKept(error)
            return false
        }
    }
}
