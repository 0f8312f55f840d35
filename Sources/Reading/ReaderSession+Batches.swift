public import Store

/// Opening a timeline: in batches, so that neither the number of statements nor the memory grows with its messages.
extension ReaderSession {
    /// Opens entries of one company and shows them one after the other, in their order. In memory at a time are 50
    /// messages that have 4 MiB together, or one that is larger. Throws as `OpenedEntry`, and what `show` throws.
    ///
    /// `hostKeys` are those of `hostKeys()`.
    public func open(
        _ entries: [TimelineEntry], keys: KeyRing, _ purpose: Purpose,
        hostKeys: [[UInt8]: (host: String, key: MailHostRecord.Key)], show: (OpenedEntry) throws -> Void
    ) throws {
        for batch in Self.batches(of: entries) {
            var openings = try open(batch.filter { $0.removedAt == nil }, purpose)[...]
            for entry in batch {
                let opening = entry.removedAt == nil ? openings.removeFirst() : nil
                try show(OpenedEntry(entry, opening, in: self, keys: keys, hostKeys: hostKeys))
            }
        }
    }

    /// Consecutive entries that are opened together.
    static func batches(of entries: [TimelineEntry]) -> [ArraySlice<TimelineEntry>] {
        let (limit, byteLimit) = (50, 4 << 20)
        var batches: [ArraySlice<TimelineEntry>] = []
        var (start, bytes) = (0, 0)
        for (place, entry) in entries.enumerated() {
            let size = entry.removedAt == nil ? entry.tailSize : 0
            if place - start == limit || (place > start && bytes + size > byteLimit) {
                batches.append(entries[start..<place])
                (start, bytes) = (place, 0)
            }
            bytes += size
        }
        if start < entries.count { batches.append(entries[start...]) }
        return batches
    }
}
