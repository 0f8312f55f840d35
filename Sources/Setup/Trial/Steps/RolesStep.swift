import Store

/// The trial's database and its three logins, by password at 127.0.0.1, as Debian's pg_hba.conf has it.
struct RolesStep: Step {
    let trial: Trial
    let title = "the database and its logins"

    func obstacle() throws -> String? {
        let names = (TrialPlan.logins + TrialPlan.groups).filter { !trial.record.roles.contains($0) }
        let roles = trial.server.roles(among: names)
        guard roles.isEmpty else {
            return "the PostgreSQL server has roles of lever-milter already (\(roles.joined(separator: ", "))): an "
                + "installation uses it, or did. Use another machine; if nothing needs them, drop them: DROP ROLE"
        }
        guard let found = trial.server.database(TrialPlan.database) else { return nil }
        guard trial.record.database == nil || (trial.record.database! != 0 && trial.record.database! != found) else {
            return nil
        }
        return
            "the PostgreSQL server has a database '\(TrialPlan.database)' that is not the trial's; use another machine"
    }

    func isDone() throws -> Bool {
        try keepID()
        return trial.server.database(TrialPlan.database) != nil
            && trial.server.roles(among: TrialPlan.logins).count == TrialPlan.logins.count
    }

    func actions() throws -> [Action] {
        let present = trial.server.roles(among: TrialPlan.logins)
        let isNew = trial.server.database(TrialPlan.database) == nil
        try trial.note { record in
            record.roles += (TrialPlan.logins + TrialPlan.groups).filter { !record.roles.contains($0) }
            if isNew { record.database = 0 }
        }
        let passwords = try passwords()
        var statements = ""
        for login in TrialPlan.logins {
            let file = login == TrialPlan.daemon ? TrialPlan.credential : trial.plan.passfile
            guard let password = passwords[login] else {
                throw SetupError("\(file) has no password of \(login); remove that file, and run this again")
            }
            let options = login == TrialPlan.administrator ? "LOGIN CREATEROLE" : "LOGIN"
            let verb = present.contains(login) ? "ALTER" : "CREATE"
            statements += "\(verb) ROLE \(login) \(options) PASSWORD '\(try LoginPassword.verifier(of: password))';\n"
        }
        if isNew {
            statements += """
                CREATE DATABASE \(TrialPlan.database) OWNER \(TrialPlan.administrator)
                    TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';

                """
        }
        return [.run(PostgresServer.command(statements))]
    }

    func confirm() throws { try keepID() }

    /// The server numbers the database, and the record learns it afterwards.
    private func keepID() throws {
        guard trial.record.database == 0, let id = trial.server.database(TrialPlan.database) else { return }
        try trial.note { $0.database = id }
    }

    private func passwords() throws -> [String: String] {
        let files = try [trial.plan.passfile, TrialPlan.credential].map { try trial.machine.text(of: $0) ?? "" }
        let lines = files.joined().split(separator: "\n")
        let fields = lines.map { $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init) }
        return Dictionary(fields.filter { $0.count == 5 }.map { ($0[3], $0[4]) }) { first, _ in first }
    }

    func undo() throws -> [Action] {
        guard trial.record.database != nil || !trial.record.roles.isEmpty else { return [] }
        guard trial.server.facts != nil else {
            throw SetupError("the PostgreSQL server does not answer; systemctl start postgresql, and run this again")
        }
        var actions: [Action] = []
        let name = TrialPlan.database
        if let own = trial.record.database, let found = trial.server.database(name) {
            guard own == 0 || own == found else {
                throw SetupError(
                    "the database '\(name)' is not the one that the trial made, and is not dropped; "
                        + "if the trial's is gone, remove \(TrialRecord.path)")
            }
            actions.append(.run(PostgresServer.command("DROP DATABASE \(name) WITH (FORCE);\n")))
        }
        let roles = trial.server.roles(among: trial.record.roles)
        if !roles.isEmpty {
            let drops = roles.map { "DROP ROLE \($0);\n" }.joined()
            actions.append(.run(PostgresServer.command(drops)))
        }
        return actions
    }

    func forget() throws {
        try trial.note { record in
            record.database = nil
            record.roles = []
        }
    }
}
