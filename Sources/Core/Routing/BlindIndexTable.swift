import System

/// A large table of blind indices in memory, each with a number. Any thread may look up and change it.
///
/// An entry takes 16 bytes, and an eighth more for growth. Only the first 8 bytes of an index are kept; in a table of
/// ten million the probability that any two are equal is 3 in a million. Entries are sorted in buckets by their first
/// bits, so that an insertion moves little.
///
/// The table can be reloaded while it is in use: entries that are not inserted between `beginFullRead` and
/// `endFullRead` are removed at the end.
public final class BlindIndexTable: @unchecked Sendable {
    // Sendable: all state is read and written under the lock.

    private struct Entry {
        var key: UInt64
        /// The number, which is not negative; the highest bit is that of the full read that saw the entry last.
        var value: UInt64
    }

    private static let bucketBits = 16
    private static let mark: UInt64 = 1 << 63

    private let lock = ReadWriteLock()
    private var buckets: [ContiguousArray<Entry>] = []
    private var size = 0
    private var reload: UInt64 = 0
    private var isReloading = false

    public init() {}

    public var count: Int { lock.reading { size } }

    /// The number of an index.
    public subscript(index: [UInt8]) -> Int64? { self[key: Self.key(index)] }

    /// The number of the index that begins with these 8 bytes.
    public subscript(key key: UInt64) -> Int64? {
        lock.reading {
            guard size > 0 else { return nil }
            let bucket = Self.bucket(key)
            let place = Self.place(of: key, in: buckets[bucket])
            guard place < buckets[bucket].count, buckets[bucket][place].key == key else { return nil }
            return Int64(buckets[bucket][place].value & ~Self.mark)
        }
    }

    /// Entries inserted under one lock, while lookups wait.
    private static let step = 512

    /// Inserts entries; a known index gets the new number. Lookups continue in between.
    public func insert(_ entries: some Sequence<(index: Index, number: Int64)>) { insert(entries, replacing: true) }

    /// Inserts the entries whose index is not known: the first number of an index stays. During a full read, an entry
    /// that is not confirmed by it yet is known too, and is confirmed by the same number alone.
    public func insertNew(_ entries: some Sequence<(index: Index, number: Int64)>) { insert(entries, replacing: false) }

    private func insert(_ entries: some Sequence<(index: Index, number: Int64)>, replacing: Bool) {
        var iterator = entries.makeIterator()
        var isAtEnd = false
        while !isAtEnd {
            lock.writing {
                if buckets.isEmpty { buckets = Array(repeating: [], count: 1 << Self.bucketBits) }
                for _ in 0..<Self.step {
                    guard let entry = iterator.next() else {
                        isAtEnd = true
                        return
                    }
                    insert(
                        Entry(key: Self.key(entry.index), value: UInt64(entry.number) | reload), replacing: replacing)
                }
            }
        }
    }

    /// Bulk-loads entries before the first lookup. Entries may come in any order; the last one for an index wins.
    public func load(_ body: (_ take: (Index, Int64) -> Void) throws -> Void) rethrows {
        try lock.writing {
            defer { sortAll() }
            try body { index, number in
                if buckets.isEmpty { buckets = Array(repeating: [], count: 1 << Self.bucketBits) }
                let key = Self.key(index)
                append(Entry(key: key, value: UInt64(number) | reload), to: Self.bucket(key))
            }
        }
    }

    /// An index, or its first 8 bytes.
    public typealias Index = ArraySlice<UInt8>

    private func sortAll() {
        size = 0
        for bucket in buckets.indices {
            // The sort is stable, so the last entry for a key wins.
            buckets[bucket].sort { $0.key < $1.key }
            var count = 0
            for place in buckets[bucket].indices {
                let entry = buckets[bucket][place]
                if count > 0, buckets[bucket][count - 1].key == entry.key { count -= 1 }
                buckets[bucket][count] = entry
                count += 1
            }
            buckets[bucket].removeSubrange(count...)
            size += count
        }
    }

    /// By default a full array doubles its capacity.
    private func makeRoom(in bucket: Int) {
        let count = buckets[bucket].count
        if count == buckets[bucket].capacity { buckets[bucket].reserveCapacity(count + max(1, count / 8)) }
    }

    private func append(_ entry: Entry, to bucket: Int) {
        makeRoom(in: bucket)
        buckets[bucket].append(entry)
    }

    private func insert(_ entry: Entry, replacing: Bool) {
        let bucket = Self.bucket(entry.key)
        let place = Self.place(of: entry.key, in: buckets[bucket])
        if place < buckets[bucket].count, buckets[bucket][place].key == entry.key {
            let known = buckets[bucket][place].value
            if replacing || (known ^ entry.value) & ~Self.mark == 0 { buckets[bucket][place].value = entry.value }
            return
        }
        makeRoom(in: bucket)
        buckets[bucket].insert(entry, at: place)
        size += 1
    }

    /// Starts a full read, or resumes one that was interrupted.
    public func beginFullRead() {
        lock.writing {
            if !isReloading { reload ^= Self.mark }
            isReloading = true
        }
    }

    /// Ends a full read: removes the entries that were not inserted since `beginFullRead`. Lookups continue between
    /// buckets.
    public func endFullRead() {
        lock.writing { isReloading = false }
        for bucket in 0..<(1 << Self.bucketBits) {
            lock.writing {
                guard !buckets.isEmpty else { return }
                let before = buckets[bucket].count
                buckets[bucket].removeAll { $0.value & Self.mark != reload }
                size -= before - buckets[bucket].count
            }
        }
    }

    private static func bucket(_ key: UInt64) -> Int { Int(key >> (64 - UInt64(bucketBits))) }

    /// The first 8 bytes of an index: all that is kept of it.
    public static func key(_ index: some Collection<UInt8>) -> UInt64 {
        index.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The position of the key, or where it would be inserted.
    private static func place(of key: UInt64, in bucket: ContiguousArray<Entry>) -> Int {
        var (low, high) = (0, bucket.count)
        while low < high {
            let middle = (low + high) / 2
            if bucket[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
