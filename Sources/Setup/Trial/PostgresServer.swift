/// The PostgreSQL server of this machine, as its superuser sees it: on Debian, root becomes the user postgres, whom the
/// server knows by the socket.
struct PostgresServer {
    let machine: any Machine

    struct Facts: Equatable {
        /// `150004`
        let version: Int
        let port: String
        let listensOnLoopback: Bool

        init?(_ line: String) {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 3, let version = Int(fields[0]) else { return nil }
            self.version = version
            port = fields[1]
            let addresses = fields[2].split(separator: ",").map { String($0).trimmed }
            listensOnLoopback = !Set(addresses).isDisjoint(with: ["localhost", "*", "0.0.0.0", "127.0.0.1"])
        }
    }

    private static func psql(_ database: String) -> [String] {
        [
            "runuser", "-u", "postgres", "--", "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1",
            "--dbname=\(database)",
        ]
    }

    /// A command that runs statements.
    static func command(_ statements: String, in database: String = "postgres") -> Invocation {
        Invocation(psql(database), input: statements)
    }

    /// The rows of a query, their columns apart by a tab; nil if it cannot be asked.
    func rows(_ query: String, in database: String = "postgres") -> [String]? {
        machine.answer(
            Self.psql(database) + ["--tuples-only", "--no-align", "--field-separator=\t"], input: query + ";\n"
        )
        .map { $0.split(separator: "\n").map(String.init) }
    }

    /// Nil if it does not run or does not know the user postgres by its socket.
    var facts: Facts? {
        rows(
            """
            SELECT current_setting('server_version_num'), current_setting('port'), current_setting('listen_addresses')
            """
        )?.first.flatMap(Facts.init)
    }

    /// Which of these roles it has.
    func roles(among names: [String]) -> [String] {
        let list = names.map { "'\($0)'" }.joined(separator: ", ")
        return rows("SELECT rolname FROM pg_roles WHERE rolname IN (\(list)) ORDER BY 1") ?? []
    }

    /// The object id of a database; nil if there is none of that name.
    func database(_ name: String) -> Int? {
        rows("SELECT oid FROM pg_database WHERE datname = '\(name)'")?.first.flatMap { Int($0) }
    }
}
