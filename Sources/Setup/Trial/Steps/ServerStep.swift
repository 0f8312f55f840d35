/// A PostgreSQL server that runs, and that root can administer.
struct ServerStep: Step {
    let trial: Trial
    let title = "the PostgreSQL server"

    func obstacle() throws -> String? {
        guard let facts = trial.server.facts else { return nil }
        guard facts.version >= 150_000 else {
            return "the PostgreSQL server is version \(facts.version / 10_000), and 15 or later is needed; update it"
        }
        guard facts.listensOnLoopback else {
            return "the PostgreSQL server does not listen on 127.0.0.1; set listen_addresses = 'localhost' in "
                + "postgresql.conf, and restart it"
        }
        return nil
    }

    func isDone() throws -> Bool { trial.server.facts != nil }

    func actions() throws -> [Action] { [.run(Invocation(["systemctl", "start", "postgresql"]))] }

    func confirm() throws {
        // Debian's service returns before the server's own.
        guard trial.machine.wait(seconds: 60, until: { trial.server.facts != nil }) else {
            throw SetupError(
                "the PostgreSQL server does not answer 'runuser -u postgres -- psql'; pg_lsclusters shows whether one "
                    + "runs, and its log why not. In pg_hba.conf the trial needs Debian's line: local all postgres peer"
            )
        }
    }
}
