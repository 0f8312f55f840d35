public import Core
public import Inspection
public import Spool
public import Store

extension LearnedThreads {
    /// Makes replies to this message recognisable from now on. An id that is known stays as it is: the first claim
    /// wins, and only the database says otherwise.
    public func learn(_ record: MessageRecord) {
        guard !record.learnedIDs.isEmpty else { return }
        threads.insertNew(record.learnedIDs.lazy.map { ($0[...], record.thread.rawValue) })
    }

    /// Loads the copy on disk. Returns the database and companies that it was made from, and its horizon; nil if there
    /// is no complete copy.
    public func take(_ file: LearnedThreadsFile) throws -> (source: String, horizon: Int64)? {
        var source: String?
        var horizon: Int64?
        try threads.load { thread in
            try candidates.load { candidate in
                _ = try file.read { block in
                    switch block.kind {
                    case .source: source = String(decoding: block.bytes, as: UTF8.self)
                    case .threads: for (index, number) in Self.entries(block.bytes) { thread(index, number) }
                    case .candidates: for (index, number) in Self.entries(block.bytes) { candidate(index, number) }
                    case .horizon: horizon = block.number
                    }
                }
            }
        }
        guard let source, let horizon else { return nil }
        return (source, horizon)
    }

    /// Loads everything from the database, for a command that ends soon. The daemon keeps a copy on disk as well.
    public func take(_ connection: IngestSession) throws {
        try connection.forEachLearnedPage { threads.insert(Self.entries($0)) }
        try connection.forEachCandidatePage { candidates.insert(Self.entries($0)) }
    }

    /// Unpacks a page of the database or a block of the file: for each entry the first 8 bytes of its index, then its
    /// number, 8 bytes.
    public static func entries(_ packed: [UInt8]) -> some Sequence<(index: ArraySlice<UInt8>, number: Int64)> {
        stride(from: 0, to: packed.count - 15, by: 16).lazy.map { start in
            let number = packed[(start + 8)..<(start + 16)].reduce(0) { $0 << 8 | UInt64($1) }
            return (packed[start..<start + 8], Int64(bitPattern: number & ~(1 << 63)))
        }
    }
}
