public import Core
public import Spool
public import Store

/// What a mail host knows of the messages that were seen before: enough to recognise a reply that has no marker, without
/// asking anybody. Shared by sessions, which read it, and the delivery thread, which keeps it up to date.
public struct LearnedThreads: Sendable {
    /// Threads by the learned index of a message's id.
    public let threads = BlindIndexTable()
    /// Candidates by the index of their address, of companies that take unsigned markers.
    public let candidates = BlindIndexTable()

    public init() {}
}

extension LearnedThreads {
    /// From now on a reply that names this message is known.
    public func learn(_ header: SpoolHeader) {
        guard !header.learnedIDs.isEmpty else { return }
        threads.insert(header.learnedIDs.lazy.map { ($0[...], header.thread.rawValue) })
    }

    /// Takes the copy on disk. Returns the database and companies that it is of, and how far it goes; nil where there is none
    /// that goes to its end.
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

    /// Takes everything that the database has, for a command that is done soon; the daemon keeps a copy as well.
    public func take(_ connection: IngestSession) throws {
        try connection.forEachLearnedPage { threads.insert(Self.entries($0)) }
        try connection.forEachCandidatePage { candidates.insert(Self.entries($0)) }
    }

    /// What the database gave: the first 8 bytes of an index and its number, 8 bytes, one behind the other.
    public static func entries(_ packed: [UInt8]) -> some Sequence<(index: ArraySlice<UInt8>, number: Int64)> {
        stride(from: 0, to: packed.count - 15, by: 16).lazy.map { start in
            let number = packed[(start + 8)..<(start + 16)].reduce(0) { $0 << 8 | UInt64($1) }
            return (packed[start..<start + 8], Int64(bitPattern: number & ~(1 << 63)))
        }
    }
}
