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
        var (answers, refusals) = (0, 0)
        for _ in 0..<150 {
            do {
                _ = try connection.query(IngestBatch.statement, arguments.next())
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

/// Arrays of different lengths with nulls, extremes and, often enough to get further, what belongs there.
private struct HostileArguments {
    private var generator: SplitMix64
    private let company: CompanyID
    private let thread: ThreadID

    init(seed: UInt64, company: CompanyID, thread: ThreadID) {
        generator = SplitMix64(seed: seed)
        self.company = company
        self.thread = thread
    }

    mutating func next() -> [Parameter] {
        let count = number(below: 3) + 1
        let types: [Parameter.ElementType] = [
            .bigint, .uuid, .bigint, .text, .text, .timestamp, .bigint, .text, .text,
            .bytea, .bytea, .bytea, .bytea, .bytea, .smallint, .bytea, .bytea, .bytea, .bigint, .integer, .bytea, .text,
            .timestamp, .text, .text, .bytea, .bytea, .bigint,
        ]
        let isRecord = number(below: 2) == 0
        return types.enumerated().map { column, type in
            let length = number(below: 60) == 0 ? number(below: 5) : count
            return .array((0..<length).map { _ in value(column, type, isRecord: isRecord) }, of: type)
        }
    }

    private mutating func value(_ column: Int, _ type: Parameter.ElementType, isRecord: Bool) -> Parameter {
        guard number(below: 40) > 0 else { return junk(type) }
        return switch column {
        case 0: .bigint(company.rawValue)
        case 1: .uuid(EntryID(bytes: bytes(16)))
        case 2: .bigint(thread.rawValue)
        case 3: .text("inbound")
        case 4: .text(isRecord ? "bad_signature" : "captured")
        case 5: .timestamp(.now())
        case 6: .bigint(10)
        case 7, 8: .text("mx1")
        case 9 where !isRecord: .bytea(bytes(32))
        case 10 where !isRecord: .bytea(bytes(20))
        case 12 where !isRecord: .bytea(bytes(16 * number(below: 5)))
        case 14 where !isRecord: .smallint(1)
        case 17 where !isRecord: .bytea(bytes(40))
        case 18 where !isRecord: .bigint(50)
        case 19 where !isRecord: .integer(0)
        case 20 where !isRecord: .bytea(bytes(50))
        case 21: .text("references")
        case 22: .timestamp(.now())
        case 23 where !isRecord: .text("none")
        case 24 where !isRecord: .text(number(below: 2) == 0 ? "" : "list,bounce")
        case 25 where !isRecord: .bytea(bytes(17 * number(below: 3)))
        case 26 where !isRecord: .bytea(bytes(16 * number(below: 3)))
        default: Parameter(type: type.rawValue, bytes: nil)
        }
    }

    private mutating func junk(_ type: Parameter.ElementType) -> Parameter {
        // No number that another company may have.
        let numbers: [Int64] = [.min, -1, 0, 1 << 31, 1 << 62, .max]
        let number = numbers[number(below: numbers.count)]
        return switch (type, self.number(below: 4)) {
        case (_, 0): Parameter(type: type.rawValue, bytes: nil)
        // Bytes that may not be of the type at all.
        case (_, 1): Parameter(type: type.rawValue, bytes: bytes(self.number(below: 40)))
        case (.bigint, _): .bigint(number)
        case (.timestamp, _): Parameter(type: type.rawValue, bytes: Parameter.bigint(number).bytes)
        case (.smallint, _): .smallint(Int16(truncatingIfNeeded: number))
        case (.integer, _): .integer(Int32(truncatingIfNeeded: number))
        case (.uuid, _): .uuid(EntryID(bytes: Array(repeating: 0, count: 16)))
        case (.text, _):
            .text(["", "\u{0}", "nonsense", String(repeating: "x", count: 100_000)][self.number(below: 4)])
        case (.bytea, _): .bytea(bytes([0, 1, 15, 17, 33, 100_000][self.number(below: 6)]))
        }
    }

    private mutating func number(below limit: Int) -> Int { .random(in: 0..<limit, using: &generator) }

    private mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in .random(in: 0...255, using: &generator) }
    }
}
