import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Store

@Suite struct SchemaTests {
    @Test func `a new database gets the current version; installing again changes nothing`() throws {
        let database = try StoreDatabase.empty()
        let conninfo = database.conninfo(user: "postgres")
        #expect(try Schema.install(conninfo) == Schema.Change(from: 0, to: Schema.version))
        let before = try database.query("SELECT * FROM lever.schema_version ORDER BY version")
        #expect(try Schema.install(conninfo) == Schema.Change(from: Schema.version, to: Schema.version))
        #expect(try database.query("SELECT * FROM lever.schema_version ORDER BY version") == before)
        #expect(before.split(separator: "\n").count == 1)
    }

    @Test func `a database of a newer version is left alone`() throws {
        let database = try StoreDatabase.installed()
        _ = try database.query("INSERT INTO lever.schema_version (version, name) VALUES (99, 'later')")
        let expected = StoreError.schemaVersion(found: 99, expected: Schema.version)
        #expect { _ = try Schema.install(database.conninfo(user: "postgres")) } throws: {
            $0 as? StoreError == expected
        }
        #expect { _ = try database.administration() } throws: { $0 as? StoreError == expected }
        #expect { _ = try database.reader() } throws: { $0 as? StoreError == expected }
        #expect("\(expected)".contains("newer"))
    }

    @Test func `of two installations at once, one does the work and the other finds it done`() throws {
        let database = try StoreDatabase.empty()
        let conninfo = database.conninfo(user: "postgres")
        let changes = concurrently(2) { _ in try Schema.install(conninfo) }
        #expect(try Set(changes.map { try $0.get().from }) == [0, Schema.version])
    }

    @Test func `the files built in are those of deploy/schema`() throws {
        let directory = URL(fileURLWithPath: Repository.path).appendingPathComponent("deploy/schema")
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".sql") }
        let schema = Schema.files
        let files =
            [schema.roles, schema.membership, schema.database, schema.clear, schema.checks] + schema.tables + schema.steps + schema.code + schema.access
        #expect(Set(names) == Set(files.map { "\($0.name).sql" }))
        for file in files {
            #expect(try contents(of: directory.appendingPathComponent("\(file.name).sql").path) == file.statements)
        }
    }

    @Test func `commands on a database without the schema say to install it`() throws {
        let database = try StoreDatabase.empty()
        #expect { _ = try database.administration() } throws: { $0 as? StoreError == .notInstalled }
        #expect { _ = try database.reader() } throws: { $0 as? StoreError == .notInstalled }
    }

    @Test func `each role opens what is its own`() throws {
        let database = try StoreDatabase.installed()
        #expect { _ = try OwnerSession(database.conninfo(user: "reader")) } throws: {
            $0 as? StoreError == .notMember(role: "lever_owner")
        }
        #expect { _ = try ReaderSession(database.conninfo(user: "mailhost")) } throws: {
            $0 as? StoreError == .notMember(role: "lever_reader")
        }
    }

    @Test
    func
        `every primary and unique key leads with the company, but for what is unique among all and what is no company's`()
        throws
    {
        let database = try StoreDatabase.installed()
        let others = try database.query(
            """
            SELECT i.indexrelid::regclass FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
            WHERE c.relnamespace = 'lever'::regnamespace AND i.indisunique AND a.attname <> 'company_id' ORDER BY 1
            """)
        let expected: Set = [
            "lever.company_domain_unique", "lever.company_name_unique", "lever.app_user_login_unique",
            "lever.schema_version_pkey", "lever.routing_change_pkey", "lever.mail_host_pkey", "lever.host_key_pkey",
            "lever.forward_lock_pkey",
        ]
        #expect(Set(others.split(separator: "\n").map(String.init)) == expected)
    }

    @Test func `every table and column has a comment`() throws {
        let database = try StoreDatabase.installed()
        let bare = try database.query(
            """
            SELECT c.relname, a.attname FROM pg_class AS c
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = 'lever'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'c') AND NOT c.relispartition
                AND (col_description(c.oid, a.attnum) IS NULL OR coalesce(
                    obj_description(c.oid, 'pg_class'), obj_description(c.reltype, 'pg_type')) IS NULL)
            """)
        #expect(bare == "")
    }

    @Test func `tails are stored out of line and uncompressed, in every partition`() throws {
        let database = try StoreDatabase.installed()
        let storage = try database.query(
            """
            SELECT count(*), min(attstorage), max(attstorage) FROM pg_attribute
            WHERE attname = 'bytes' AND attrelid::regclass::text LIKE 'lever.message_part%'
                AND attrelid IN (SELECT oid FROM pg_class WHERE relkind IN ('r', 'p'))
            """)
        #expect(storage == "17|e|e")
    }
}

/// Runs the body on that many threads at once, each with its number.
func concurrently<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) throws -> Value
) -> [Result<Value, any Error>] {
    let results = Mutex<[Int: Result<Value, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: count) { index in
        let result = Result { try body(index) }
        results.withLock { $0[index] = result }
    }
    return results.withLock { results in (0..<count).map { results[$0]! } }
}
