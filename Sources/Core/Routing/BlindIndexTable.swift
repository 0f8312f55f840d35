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
    private var forgetting: Forgetting?

    /// Numbers whose entries are being removed, but for some.
    private struct Forgetting {
        var numbers: Set<UInt64>
        var kept: Set<UInt64>
        /// The next bucket to be looked at.
        var bucket = 0

        func removes(_ key: UInt64, _ number: UInt64) -> Bool { numbers.contains(number) && !kept.contains(key) }
    }

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
            let isForgotten = forgetting?.removes(entry.key, known & ~Self.mark) ?? false
            if replacing || isForgotten || (known ^ entry.value) & ~Self.mark == 0 {
                buckets[bucket][place].value = entry.value
                forgetting?.kept.insert(entry.key)
            }
            return
        }
        forgetting?.kept.insert(entry.key)
        makeRoom(in: bucket)
        buckets[bucket].insert(entry, at: place)
        size += 1
    }

    /// Starts a full read, or resumes one that was interrupted.
    public func beginFullRead() {
        lock.writing {
            if !isReloading { reload ^= Self.mark }
            // What is not read again goes at the end.
            forgetting = nil
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

    // MARK: Forgetting

    /// Begins to remove the entries of these numbers, but for those of these indices and those that are inserted from
    /// now on. `forgetNext` goes on with it.
    public func beginForgetting(_ numbers: [Int64], keeping indices: some Sequence<Index>) {
        lock.writing {
            var new = Forgetting(numbers: Set(numbers.map(UInt64.init)), kept: Set(indices.map { Self.key($0) }))
            // What was not finished is done again.
            if let old = forgetting {
                new.numbers.formUnion(old.numbers)
                new.kept.formUnion(old.kept)
            }
            forgetting = new
        }
    }

    /// Goes on as long as it may. Returns false once nothing is left to be forgotten. Lookups continue in between.
    public func forgetNext(while mayGoOn: () -> Bool) -> Bool {
        repeat {
            let isOver = lock.writing {
                guard let current = forgetting else { return true }
                guard current.bucket < buckets.count else {
                    forgetting = nil
                    return true
                }
                let before = buckets[current.bucket].count
                buckets[current.bucket].removeAll { current.removes($0.key, $0.value & ~Self.mark) }
                size -= before - buckets[current.bucket].count
                forgetting!.bucket += 1
                return false
            }
            if isOver { return false }
        } while mayGoOn()
        return true
    }

    /// Removes the entry of an index, if it has that number.
    public func remove(_ index: [UInt8], number: Int64) {
        lock.writing {
            let key = Self.key(index)
            guard size > 0 else { return }
            let bucket = Self.bucket(key)
            let place = Self.place(of: key, in: buckets[bucket])
            guard place < buckets[bucket].count, buckets[bucket][place].key == key,
                buckets[bucket][place].value & ~Self.mark == UInt64(number)
            else { return }
            buckets[bucket].remove(at: place)
            size -= 1
        }
    }

    /// The entries from a bucket on, some tens of kilobytes: for each the first 8 bytes of its index and its number, 8
    /// bytes. `next`: the bucket after them; nil at the end.
    public func packed(from first: Int) -> (bytes: [UInt8], next: Int?) {
        lock.reading {
            var writer = ByteWriter()
            var bucket = first
            while bucket < buckets.count, writer.bytes.count < 1 << 16 {
                for entry in buckets[bucket] {
                    writer.integer(entry.key)
                    writer.integer(entry.value & ~Self.mark)
                }
                bucket += 1
            }
            return (writer.bytes, bucket < buckets.count ? bucket : nil)
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
