import Core
import TestSupport
import Testing

@testable import Store

/// How statements are put together, and what comes back of values that PostgreSQL was given.
@Suite struct QueryTests {
    private let connection: Connection

    init() throws {
        let database = try StoreDatabase.common()
        connection = try Connection(conninfo: database.conninfo(user: "postgres"), application: "tests")
    }

    @Test func `an interpolated value is a parameter, whatever it says`() throws {
        let name = "x'; DROP SCHEMA lever CASCADE; --"
        let query: Query = "SELECT \(name), \(7) FROM pg_class WHERE relname = \(name) OR \(true) LIMIT 1"
        #expect(query.sql == "SELECT $1, $2 FROM pg_class WHERE relname = $3 OR $4 LIMIT 1")
        #expect(query.parameters.map(\.type) == [25, 20, 25, 16])
        let (first, second) = try connection.query(query).single.decode((String, Int).self)
        #expect(first == name && second == 7)
    }

    @Test func `a query in a query brings its parameters, and only what is said to be SQL is SQL`() throws {
        let condition: Query = "n > \(1) AND n < \(4)"
        let query: Query = """
            SELECT n, \(unescaped: "n * 2") FROM generate_series(\(0), \(9)) AS n WHERE \(condition) OR n = \(8) ORDER BY n
            """
        #expect(
            query.sql
                == "SELECT n, n * 2 FROM generate_series($1, $2) AS n WHERE n > $3 AND n < $4 OR n = $5 ORDER BY n")
        #expect(try connection.query(query).decode((Int, Int).self).map(\.0) == [2, 3, 8])
    }

    private func expectSame<Value: SQLValue & Equatable>(_ value: Value) throws {
        #expect(try connection.query("SELECT \(value)").single.decode(Value.self) == value)
        #expect(try connection.query("SELECT \(value) AS value").single["value"] == value)
    }

    @Test func `values come back as they were given`() throws {
        for value in [Int64.min, -1, 0, .max] { try expectSame(value) }
        for value in [Int32.min, -1, 0, .max] { try expectSame(value) }
        for value in [Int16.min, -1, 0, .max] { try expectSame(value) }
        for value in [UInt8.min, 128, .max] { try expectSame(value) }
        for value in [Int.min, .max] { try expectSame(value) }
        for value in [true, false] { try expectSame(value) }
        for value in ["", "Zoë ☃", "'\"\\"] { try expectSame(value) }
        for value in [[], [0], [UInt8](0...255)] { try expectSame(value) }
        for value in [EntryID.make(at: .now())] { try expectSame(value) }
        for value in [Timestamp.supported.lowerBound, .now(), Timestamp.supported.upperBound] { try expectSame(value) }
        try expectSame(CompanyID(rawValue: 7))
        try expectSame(Outcome.alreadyForwarded)
    }

    @Test func `arrays and NULL come back as they were given`() throws {
        try expectSame([] as [Int64])
        try expectSame([1, nil, 3] as [Int64?])
        try expectSame(["", nil, "a,b{}\"NULL\""] as [String?])
        try expectSame([[], [0, 255]] as [[UInt8]])
        try expectSame([true, false])
        try expectSame([KeyState.next, .old])
        try expectSame([EntryID.make(at: .now()), .make(at: .now())])
        try expectSame(nil as Int64?)
        try expectSame(nil as [UInt8]?)
        try expectSame(nil as [String]?)
        try expectSame(Direction.inbound as Direction?)
        try expectSame(nil as Direction?)
    }

    @Test func `columns are found by name in every row, and read in their order`() throws {
        let rows = try connection.query(
            "SELECT n::bigint AS number, CASE WHEN n > 1 THEN 'many' END AS \"Text\" FROM generate_series(0, 2) AS n")
        #expect(rows.map { $0["number"] as Int } == [0, 1, 2])
        #expect(rows.map { $0["Text"] as String? } == [nil, nil, "many"])
        #expect(rows.decode((Int, String?).self).map(\.1) == [nil, nil, "many"])
    }

    @Test func `bytes that are no such value are none`() {
        func decode<Value: SQLValue>(_ bytes: [UInt8], as type: Value.Type) -> Value? {
            bytes.withUnsafeBytes { Value.decode($0) }
        }
        #expect(decode([0, 1], as: Int16.self) == 1)
        #expect(decode([0], as: Int16.self) == nil && decode([0, 0, 1], as: Int16.self) == nil)
        #expect(decode([1, 0], as: UInt8.self) == nil)
        #expect(decode([0, 1], as: Bool.self) == nil)
        #expect(decode([0], as: EntryID.self) == nil)
        #expect(decode(Array("lost".utf8), as: Outcome.self) == nil)
        #expect(Int16.decode(nil) == nil && String.decode(nil) == nil && [UInt8].decode(nil) == nil)
        let array = SQLArrayBytes.two
        #expect(decode(array, as: [Int32].self) == [5, 6])
        #expect(decode(array, as: [Int64].self) == nil)
        for count in array.indices { #expect(decode(Array(array.prefix(count)), as: [Int32].self) == nil) }
        // Two dimensions.
        #expect(decode([0, 0, 0, 2] + array.dropFirst(4), as: [Int32].self) == nil)
    }

    /// As PostgreSQL's array_send writes `ARRAY[5, 6]`.
    private enum SQLArrayBytes {
        static let two: [UInt8] = [
            0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 6,
        ]
    }
}
