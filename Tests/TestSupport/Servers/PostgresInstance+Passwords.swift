import Synchronization

private let editing = Mutex(())

extension PostgresInstance {
    /// Creates a login that must give a password, as a member of a role.
    public func createLogin(_ name: String, password: String, in role: String) throws {
        try query("CREATE ROLE \(name) LOGIN PASSWORD '\(password)' IN ROLE \(role)")
        try editing.withLock { _ in
            let path = "\(dataDirectory)/pg_hba.conf"
            // The first line that fits counts.
            let rule = Array("host all \(name) 127.0.0.1/32 scram-sha-256\n".utf8)
            try Command.check(
                ["sh", "-c", "cat - \"$1\" > \"$1.new\" && cat \"$1.new\" > \"$1\"", "sh", path], input: rule)
        }
        try query("SELECT pg_reload_conf()")
        try poll("PostgreSQL to ask for a password", timeout: 10) {
            let attempt = try Command.run(["psql", "-w", connectionString(user: name), "-c", "SELECT 1"])
            return attempt.status == 0 ? nil : ()
        }
    }
}
