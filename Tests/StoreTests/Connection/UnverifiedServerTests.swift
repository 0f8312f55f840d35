import Testing

@testable import Store

@Suite struct UnverifiedServerTests {
    private func host(_ conninfo: String, _ inherited: [String: String] = [:]) -> String? {
        do throws(UnverifiedServer) {
            try UnverifiedServer.check(conninfo, inherited: inherited)
            return nil
        } catch {
            return error.host
        }
    }

    @Test(
        arguments: [
            // On this host.
            ("dbname=lever", [:], nil), ("host=/run/postgresql", [:], nil), ("host=@lever", [:], nil),
            ("host=localhost", [:], nil), ("host=127.0.0.1 port=5433", [:], nil), ("host=127.8.9.10", [:], nil),
            ("host=::1", [:], nil), ("postgresql:///lever", [:], nil), ("postgresql://[::1]/lever", [:], nil),
            ("postgresql://%2Frun%2Fpostgresql/lever", [:], nil), ("host=localhost,/run/postgresql,::1", [:], nil),
            ("hostaddr=127.0.0.1", [:], nil), ("host=db.example hostaddr=127.0.0.1", [:], nil), ("", [:], nil),
            // On another.
            ("host=db.example", [:], "db.example"), ("host=192.0.2.1", [:], "192.0.2.1"),
            ("host=db.example sslmode=require", [:], "db.example"), ("host=db sslmode=verify-ca", [:], "db"),
            ("host=db sslmode=disable", [:], "db"), ("host=localhost,db.example", [:], "db.example"),
            ("postgresql://u@db.example:5432/lever?sslmode=prefer", [:], "db.example"),
            ("postgresql://127.0.0.1,db.example/lever", [:], "db.example"), ("postgres:///lever?host=db", [:], "db"),
            ("hostaddr=192.0.2.1", [:], "192.0.2.1"), ("host=localhost hostaddr=192.0.2.1", [:], "192.0.2.1"),
            ("host=/run/postgresql hostaddr=192.0.2.1", [:], "192.0.2.1"),
            ("host=localhost,localhost hostaddr=127.0.0.1,192.0.2.1", [:], "192.0.2.1"),
            ("host=127.0.0.1.example", [:], "127.0.0.1.example"), ("host=localhost.example", [:], "localhost.example"),
            ("host=127.0.0.256", [:], "127.0.0.256"), ("host=0.0.0.0", [:], "0.0.0.0"),
            ("host=local host=db.example", [:], "db.example"), ("host=' db'", [:], " db"),
            // Verified.
            ("host=db.example sslmode=verify-full", [:], nil), ("host=a,b sslmode=verify-full", [:], nil),
            ("postgresql://db/lever?sslmode=verify-full", [:], nil),
            // From the environment.
            ("dbname=lever", ["host": "db.example"], "db.example"), ("", ["hostaddr": "192.0.2.1"], "192.0.2.1"),
            ("host=localhost", ["hostaddr": "192.0.2.1"], "192.0.2.1"), ("host=localhost", ["host": "db"], nil),
            ("host=db", ["sslmode": "verify-full"], nil), ("host=db sslmode=prefer", ["sslmode": "verify-full"], "db"),
            ("host='' dbname=lever", ["host": "db"], "db"),
            // A service may say anything.
            ("service=lever", [:], "service lever"), ("service=lever host=localhost", [:], "service lever"),
            ("service=lever", ["sslmode": "verify-full"], "service lever"),
            ("service=lever sslmode=verify-full", [:], nil),
        ] as [(String, [String: String], String?)])
    func `a database on another host is used only with sslmode=verify-full, wherever libpq takes the host from`(
        _ conninfo: String, _ inherited: [String: String], _ refused: String?
    ) {
        #expect(host(conninfo, inherited) == refused)
    }

    @Test func `the refusal names the server and says what to do, and no password`() {
        #expect {
            try UnverifiedServer.check("host=db.example user=x password=sesame sslmode=require")
        } throws: { error in
            ["db.example", "'require'", "sslmode=verify-full", "insecure_database"].allSatisfy("\(error)".contains)
                && !"\(error)".contains("sesame")
        }
    }
}
