import Core
import TestSupport
import Testing

@testable import Store

/// lever.ingest called by a mail host that somebody else has taken over: arguments that no daemon sends.
@Suite struct HostileIngestTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func `whatever the arguments are, the answer is outcomes or a clean error, and another company has no row more`(
        _ seed: UInt64
    ) throws {
        let database = try StoreDatabase.common()
        let administration = try database.administration()
        let (mine, other) = (try Tenant(in: administration), try Tenant(in: administration))
        let connection = try database.connection(user: "mailhost")
        var arguments = HostileArguments(seed: seed, company: mine.company.id, thread: mine.thread)
        let type = try connection.compositeType("lever.incoming")
        var (answers, refusals) = (0, 0)
        for _ in 0..<150 {
            do {
                _ = try connection.query("SELECT lever.ingest(\(arguments.next(type)))")
                answers += 1
            } catch {
                #expect(error.sqlState?.count == 5, "\(error)")
                refusals += 1
            }
            #expect(connection.isUsable)
        }
        #expect(answers > 0 && refusals > 0)
        #expect(
            try database.query(
                """
                SELECT (SELECT count(*) FROM lever.message WHERE company_id = \(other.company.id)),
                    (SELECT count(*) FROM lever.delivery WHERE company_id = \(other.company.id))
                """) == "0|0")
    }
}

/// Arrays of messages with nulls, extremes, attributes too many or too few and, often enough to get further, what
/// belongs there.
private struct HostileArguments {
    private var generator: SplitMix64
    private let company: CompanyID
    private let thread: ThreadID

    init(seed: UInt64, company: CompanyID, thread: ThreadID) {
        generator = SplitMix64(seed: seed)
        self.company = company
        self.thread = thread
    }

    /// The types of lever.incoming's attributes.
    private static let types: [UInt32] = [
        20, 2950, 20, 25, 25, 20, 25, 25, 25, 1184, 1184, 17, 21, 25, 1009, 17, 1001, 1001, 1001, 1001, 20, 1001, 17,
        17, 20, 17, 23, 17, 17,
    ]

    /// An array in binary, as `RowWriter` makes them.
    mutating func next(_ type: CompositeType) -> Parameter {
        let isRecord = number(below: 2) == 0
        var writer = ByteWriter()
        writer.integer(Int32(number(below: 200) == 0 ? 2 : 1))
        writer.integer(Int32(1))
        writer.integer(type.id)
        let count = number(below: 3) + 1
        writer.integer(Int32(count))
        writer.integer(Int32(number(below: 20) == 0 ? 7 : 1))
        for _ in 0..<count {
            if number(below: 60) == 0 { writer.integer(Int32(-1)) } else { writer.lengthPrefixed(row(isRecord)) }
        }
        return Parameter(type: type.array, bytes: writer.bytes)
    }

    private mutating func row(_ isRecord: Bool) -> [UInt8] {
        let count = number(below: 100) == 0 ? number(below: Self.types.count) : Self.types.count
        var writer = ByteWriter()
        writer.integer(Int32(count))
        for (column, type) in Self.types.prefix(count).enumerated() {
            writer.integer(number(below: 2000) == 0 ? 25 : type)
            if let value = value(column, type, isRecord) {
                writer.lengthPrefixed(value)
            } else {
                writer.integer(Int32(-1))
            }
        }
        return writer.bytes
    }

    private mutating func value(_ column: Int, _ type: UInt32, _ isRecord: Bool) -> [UInt8]? {
        guard number(below: 60) > 0 else { return junk(type) }
        switch column {
        case 0: return company.sqlBytes
        case 1: return bytes(16)
        case 2: return thread.sqlBytes
        case 3: return Array((isRecord ? "bad_signature" : "captured").utf8)
        case 4: return Array("inbound".utf8)
        case 5: return Int64(10).sqlBytes
        case 6, 7: return Array("mx1".utf8)
        case 8: return Array("references".utf8)
        case 9, 10: return Timestamp.now().sqlBytes
        case _ where isRecord: return nil
        case 12: return Int16(1).sqlBytes
        case 13: return Array("none".utf8)
        case 14: return array(number(below: 2) == 0 ? [] : [Array("list".utf8), Array("bounce".utf8)], of: 25)
        case 16: return array((0..<number(below: 5)).map { _ in bytes(16) }, of: 17)
        case 17: return array((0..<number(below: 3)).map { _ in bytes(17) }, of: 17)
        case 18: return array((0..<number(below: 3)).map { _ in bytes(16) }, of: 17)
        case 19: return array([bytes(32)], of: 17)
        case 21: return array([bytes(20)], of: 17)
        case 24: return Int64(50).sqlBytes
        case 25: return bytes(40)
        case 26: return Int32(0).sqlBytes
        case 27: return bytes(50)
        default: return nil
        }
    }

    /// `dimensions`: 1, or 2 with one column.
    private func array(_ items: [[UInt8]?], of type: UInt32, dimensions: Int = 1) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(Int32(items.isEmpty ? 0 : dimensions))
        writer.integer(Int32(1))
        writer.integer(type)
        for dimension in 0..<(items.isEmpty ? 0 : dimensions) {
            writer.integer(Int32(dimension == 0 ? items.count : 1))
            writer.integer(Int32(1))
        }
        for item in items {
            if let item { writer.lengthPrefixed(item) } else { writer.integer(Int32(-1)) }
        }
        return writer.bytes
    }

    private mutating func junk(_ type: UInt32) -> [UInt8]? {
        // No number that another company may have.
        let numbers: [Int64] = [.min, -1, 0, 1 << 31, 1 << 62, .max]
        let number = numbers[number(below: numbers.count)]
        let lengths = [0, 1, 15, 16, 17, 20, 32, 33, 100_000]
        switch (type, self.number(below: 4)) {
        case (_, 0): return nil
        // Bytes that may not be of the type at all.
        case (_, 1): return bytes(self.number(below: 40))
        case (20, _), (1184, _): return number.sqlBytes
        case (21, _): return Int16(truncatingIfNeeded: number).sqlBytes
        case (23, _): return Int32(truncatingIfNeeded: number).sqlBytes
        case (2950, _): return Array(repeating: 0, count: 16)
        case (1001, _), (1009, _):
            let items: [[UInt8]?] = (0..<self.number(below: 4)).map { _ in
                self.number(below: 3) == 0 ? nil : bytes(lengths[self.number(below: lengths.count)])
            }
            return array(items, of: type == 1001 ? 17 : 25, dimensions: self.number(below: 2) + 1)
        case (25, _):
            return Array(["", "\u{0}", "nonsense", String(repeating: "x", count: 100_000)][self.number(below: 4)].utf8)
        default: return bytes(lengths[self.number(below: lengths.count)])
        }
    }

    private mutating func number(below limit: Int) -> Int { .random(in: 0..<limit, using: &generator) }

    private mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in .random(in: 0...255, using: &generator) }
    }
}
