import Glibc
import TestSupport
import Testing

@testable import Store

/// What a connection does when the server does not what it should.
@Suite struct ConnectionTests {
    private func connection(timeout: Double?) throws -> (Connection, PostgresInstance, backend: Int32) {
        let database = try StoreDatabase.common()
        let connection = try Connection(
            conninfo: database.conninfo(user: "postgres"), application: "tests", timeout: timeout)
        let backend = try connection.query("SELECT pg_backend_pid()").single.decode(Int32.self)
        return (connection, database.postgres, backend)
    }

    @Test(arguments: [1, 40_000_000])
    func `a server process that hangs is given up, whether it was to answer or to read`(size: Int) throws {
        let (connection, postgres, backend) = try connection(timeout: 1)
        try postgres.send(SIGSTOP, to: backend)
        defer { try? postgres.send(SIGCONT, to: backend) }
        let start = ContinuousClock.now
        let error = #expect(throws: DatabaseError.self) {
            try connection.query("SELECT length(\([UInt8](repeating: 1, count: size)))")
        }
        #expect(error?.description.contains("no answer within 1 s") == true)
        #expect(error?.isTransient == true)
        #expect(!connection.isUsable)
        // Nothing more is asked of it: not even the end of a transaction.
        #expect(throws: DatabaseError.self) { try connection.execute("ROLLBACK") }
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `a transaction on a server process that hangs ends with the first time-out`() throws {
        let (connection, postgres, backend) = try connection(timeout: 1)
        defer { try? postgres.send(SIGCONT, to: backend) }
        let error = #expect(throws: DatabaseError.self) {
            try connection.transaction {
                try postgres.send(SIGSTOP, to: backend)
                try connection.query("SELECT 1")
            }
        }
        #expect(error?.message.contains("no answer") == true)
    }

    @Test func `a slow answer within the time is an answer, and without a limit any is`() throws {
        for timeout in [30.0, nil] {
            let (connection, _, _) = try connection(timeout: timeout)
            #expect(try connection.query("SELECT 1 FROM pg_sleep(0.3)").single.decode(Int32.self) == 1)
            #expect(connection.isUsable)
        }
    }

    @Test func `much goes to the server and comes back, though it says much before it has read all`() throws {
        let (connection, _, _) = try connection(timeout: 60)
        let value = [UInt8](repeating: 7, count: 30_000_000)
        try connection.execute("SET client_min_messages = debug5")
        let (first, second) = try connection.query("SELECT \(value), \(value)").single
            .decode(([UInt8], [UInt8]).self)
        #expect(first == value && second == value)
    }

    @Test func `of several statements the first that fails ends them all, and the connection goes on`() throws {
        let (connection, _, _) = try connection(timeout: 60)
        #expect(try sqlState { try connection.execute("SELECT 1; SELECT 1 / 0; SELECT 2") } == "22012")
        #expect(try connection.query("SELECT 3").single.decode(Int32.self) == 3)
        try connection.execute("")
    }

    @Test func `a server process that is ended in the middle is an error that passes`() throws {
        let (connection, _, _) = try connection(timeout: 60)
        let error = #expect(throws: DatabaseError.self) {
            try connection.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)")
        }
        #expect(error?.sqlState == "57P01" && error?.isTransient == true)
        #expect(throws: DatabaseError.self) { try connection.query("SELECT 1") }
        #expect(!connection.isUsable)
    }
}
