import Core
import Testing

@Suite struct KnownIndicesTests {
    private func index(_ number: Int) -> [UInt8] {
        // As keyed hashes are: bits everywhere.
        var generator = Mixer(state: UInt64(number) &* 0x9e37_79b9_7f4a_7c15 | 1)
        return (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    private struct Mixer: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    private func insert(
        _ numbers: some Sequence<Int>, into known: BlindIndexTable, _ value: (Int) -> Int64 = { Int64($0) }
    ) {
        known.insert(numbers.map { (index($0)[...], value($0)) })
    }

    @Test func `what was inserted is found, and nothing else`() {
        let known = BlindIndexTable()
        #expect(known[index(1)] == nil && known.count == 0)
        insert(1...200_000, into: known)
        #expect(known.count == 200_000)
        #expect((1...200_000).allSatisfy { known[index($0)] == Int64($0) })
        #expect((200_001...210_000).allSatisfy { known[index($0)] == nil })
    }

    @Test func `the newest number wins, up to the largest`() {
        let known = BlindIndexTable()
        insert([1], into: known)
        insert([1, 2], into: known) { _ in .max }
        #expect(known.count == 2 && known[index(1)] == .max && known[index(2)] == .max)
    }

    @Test func `the first number of an index stays where new ones alone are inserted, also during a full read`() {
        let known = BlindIndexTable()
        insert([1, 2, 3], into: known)
        func claim(_ numbers: [Int], _ value: Int64) { known.insertNew(numbers.map { (index($0)[...], value) }) }
        claim([1, 4], 9)
        #expect(known[index(1)] == 1 && known[index(4)] == 9)
        known.beginFullRead()
        claim([1], 9)
        claim([2], 2)
        claim([4], 9)
        insert([1], into: known) { _ in 0 }
        claim([1], 9)
        claim([3], 9)
        known.endFullRead()
        #expect(known[index(1)] == 0, "what the full read says counts")
        #expect(known[index(2)] == 2 && known[index(4)] == 9)
        #expect(known[index(3)] == nil, "a claim does not confirm another's number")
    }

    @Test func `a bulk load finds the same as single insertions`() {
        let known = BlindIndexTable()
        known.load { take in
            for number in (1...50_000).reversed() { take(index(number)[...], 1) }
            for number in 1...50_000 { take(index(number)[...], Int64(number)) }
        }
        #expect(known.count == 50_000 && (1...50_000).allSatisfy { known[index($0)] == Int64($0) })
        insert(40_000...60_000, into: known) { Int64($0) * 2 }
        #expect(known.count == 60_000 && known[index(39_999)] == 39_999 && known[index(60_000)] == 120_000)
    }

    @Test func `a full read removes what it does not have and keeps what arrived meanwhile`() {
        let known = BlindIndexTable()
        for _ in 1...3 {
            insert(1...10, into: known)
            known.beginFullRead()
            #expect((1...10).allSatisfy { known[index($0)] == Int64($0) }, "until then everything is known")
            insert(1...5, into: known)
            insert([11], into: known)
            known.endFullRead()
            #expect(known.count == 6)
            #expect((6...10).allSatisfy { known[index($0)] == nil })
            #expect(known[index(11)] == 11 && known[index(5)] == 5)
        }
        known.beginFullRead()
        known.endFullRead()
        #expect(known.count == 0)
    }

    @Test func `many threads look up while one writes`() async {
        let known = BlindIndexTable()
        insert(1...1000, into: known)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 1...4 {
                group.addTask { (1...20_000).allSatisfy { known[self.index($0 % 1000 + 1)] == Int64($0 % 1000 + 1) } }
            }
            group.addTask {
                for round in 1...20 {
                    known.beginFullRead()
                    self.insert(1...1000, into: known)
                    self.insert([1000 + round], into: known)
                    known.endFullRead()
                }
                return true
            }
            for await isRight in group { #expect(isRight) }
        }
        #expect(known.count == 1001)
    }

    // MARK: Forgetting

    private static func index(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: (UInt64(number) &* 0x9e37_79b9_7f4a_7c15).bigEndian) { Array($0) }
    }

    private static func entries(
        _ indices: Range<Int>, _ number: Int64
    ) -> [(index: ArraySlice<UInt8>, number: Int64)] {
        indices.map { (index($0)[...], number) }
    }

    @Test func `what is forgotten of a number is everything but what is kept or comes meanwhile`() {
        let table = BlindIndexTable()
        table.insert(Self.entries(0..<1000, 7))
        table.insert(Self.entries(1000..<2000, 8))
        table.beginForgetting([7], keeping: [Self.index(3)[...]])
        table.insertNew(Self.entries(5000..<5001, 7))
        var slices = 0
        while table.forgetNext(while: { false }) {
            slices += 1
            // Anywhere in the middle: an id that is claimed anew, by its own thread and by another one.
            if slices == 20_000 {
                table.insert(Self.entries(10..<11, 7))
                table.insertNew(Self.entries(11..<12, 9))
            }
        }
        #expect(slices > 1000)
        #expect((0..<1000).filter { table[Self.index($0)] != nil } == [3, 10, 11])
        #expect(table[Self.index(11)] == 9 && table[Self.index(5000)] == 7)
        #expect((1000..<2000).allSatisfy { table[Self.index($0)] == 8 })
        #expect(table.count == 1004)
        let isLeft = table.forgetNext(while: { true })
        #expect(!isLeft)
        // Nothing is forgotten that comes later.
        table.insert(Self.entries(0..<1, 7))
        #expect(table[Self.index(0)] == 7)
    }

    @Test func `forgetting twice at a time forgets both`() {
        let table = BlindIndexTable()
        table.insert(Self.entries(0..<100, 7) + Self.entries(100..<200, 8))
        table.beginForgetting([7], keeping: [])
        _ = table.forgetNext(while: { false })
        table.beginForgetting([8], keeping: [])
        while table.forgetNext(while: { true }) {}
        #expect(table.count == 0)
    }

    @Test func `a full read that begins while something is forgotten leaves what it read`() {
        let table = BlindIndexTable()
        table.insert(Self.entries(0..<100, 7))
        table.beginForgetting([7], keeping: [])
        table.beginFullRead()
        table.insert(Self.entries(0..<10, 7))
        while table.forgetNext(while: { true }) {}
        table.endFullRead()
        #expect(table.count == 10)
    }

    @Test func `one entry is removed if it has the number`() {
        let table = BlindIndexTable()
        table.insert(Self.entries(0..<2, 7))
        table.remove(Self.index(0), number: 8)
        table.remove(Self.index(1), number: 7)
        table.remove(Self.index(2), number: 7)
        #expect(table[Self.index(0)] == 7 && table[Self.index(1)] == nil && table.count == 1)
    }

    @Test func `packed parts have every entry once, and load as they were`() {
        let table = BlindIndexTable()
        table.insert(Self.entries(0..<20_000, 7))
        var (bytes, bucket): ([UInt8], Int?) = ([], 0)
        var parts = 0
        while let first = bucket {
            let part = table.packed(from: first)
            bytes += part.bytes
            bucket = part.next
            parts += 1
        }
        #expect(parts > 2 && bytes.count == 20_000 * 16)
        let loaded = BlindIndexTable()
        loaded.load { take in
            for start in stride(from: 0, to: bytes.count, by: 16) {
                #expect(bytes[(start + 8)..<(start + 16)].elementsEqual([0, 0, 0, 0, 0, 0, 0, 7]))
                take(bytes[start..<start + 8], 7)
            }
        }
        #expect(loaded.count == 20_000 && (0..<20_000).allSatisfy { loaded[Self.index($0)] == 7 })
    }
}
