import TestSupport
import Testing

@testable import Store

@Suite struct DatabaseErrorTests {
    @Test(
        arguments: [
            ("22021", false), ("22003", false), ("23502", false), ("23503", false), ("23505", false), ("23514", false),
            ("54000", false), ("LV001", false),
            ("08006", true), ("25006", true), ("28P01", true), ("40001", true), ("40P01", true), ("42501", true),
            ("42P01", true), ("53100", true), ("53300", true), ("55P03", true), ("57P01", true), ("57014", true),
            ("58030", true), ("XX000", true), ("ZZZZZ", true), (nil, true),
        ] as [(String?, Bool)])
    func `only what can never succeed is final`(sqlState: String?, isTransient: Bool) {
        #expect(DatabaseError(sqlState: sqlState, message: "").isTransient == isTransient)
    }

    @Test(arguments: ["host=127.0.0.1,127.0.0.2 port=1 dbname=x", "postgresql://127.0.0.1:1,127.0.0.2:1/x"])
    func `a database that is not there is told in one line that names every server tried`(conninfo: String) {
        #expect { _ = try IngestSession(conninfo) } throws: { error in
            let line = "\(error)"
            return line.contains("127.0.0.1") && line.contains("127.0.0.2") && !line.contains("\n")
                && (error as? DatabaseError)?.isTransient == true
        }
    }

    @Test func `a malformed connection string is refused without quoting it`() {
        #expect { _ = try IngestSession("host=localhost s3cret") } throws: { !"\($0)".contains("s3cret") }
    }

    @Test func `a connection string goes before the defaults`() throws {
        let database = try StoreDatabase.installed()
        let conninfo = database.conninfo(user: "mailhost") + " application_name=mine target_session_attrs=read-only"
        #expect { _ = try IngestSession(conninfo) } throws: { "\($0)".contains("not read-only") }
    }

    @Test(arguments: [
        "SELECT 's3cret'::bigint", "SELECT convert_from('\\xff', 'UTF8')",
        """
        INSERT INTO lever.company (name, provider, sync) VALUES ('s3cret', 'google', 'off');
        INSERT INTO lever.company (name, provider, sync) VALUES ('s3cret', 'google', 'off')
        """,
    ])
    func `values don't show in errors`(statement: String) throws {
        let database = try StoreDatabase.installed()
        let connection = try database.connection(user: "administrator")
        #expect { try connection.execute(statement) } throws: { error in
            (error as? DatabaseError)?.isTransient == false && !"\(error)".contains("s3cret")
                && !"\(error)".contains("xff")
        }
    }

    @Test func `a server that is read-only is not used`() throws {
        let database = try StoreDatabase.installed()
        _ = try database.query("ALTER DATABASE \(database.name) SET default_transaction_read_only = on")
        #expect { _ = try database.mailHost() } throws: { ($0 as? DatabaseError)?.isTransient == true }
    }
}
