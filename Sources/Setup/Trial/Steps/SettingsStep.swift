import Store

/// The user's settings of leverctl: the two logins, with their passwords in a file of the user's alone. And the
/// daemon's password, in one of root's.
struct SettingsStep: Step {
    let trial: Trial
    private var plan: TrialPlan { trial.plan }
    let title = "leverctl's settings, and passwords"

    private static let machineWide = "/etc/lever/leverctl.yaml"

    func obstacle() throws -> String? {
        for path in [plan.settings, plan.passfile] where trial.machine.exists(path) && !trial.isOurs(path) {
            return
                "\(path) exists: leverctl is set up here for something else. Move it away for the time of the trial, "
                + "or begin the trial as another user"
        }
        for path in [TrialPlan.credential, TrialPlan.signingKey] where trial.machine.exists(path) && !trial.isOurs(path)
        {
            return "\(path) exists: this mail host has an installation; use another machine"
        }
        if let text = try trial.machine.text(of: Self.machineWide),
            DatabaseLogin.Role.allCases.contains(where: { SettingsText(text).has($0.key) })
        {
            return "\(Self.machineWide) names a database: this machine has an installation; use another machine"
        }
        return nil
    }

    func isDone() throws -> Bool {
        [plan.settings, plan.passfile, TrialPlan.credential].allSatisfy(trial.machine.exists)
    }

    func actions() throws -> [Action] {
        guard let facts = trial.server.facts else { throw SetupError("the PostgreSQL server has gone; start it") }
        var actions: [Action] = []
        let own = [TrialPlan.administrator, TrialPlan.readerLogin]
        for (path, owner, logins) in [
            (plan.passfile, plan.account, own), (TrialPlan.credential, nil, [TrialPlan.daemon]),
        ]
        where !trial.machine.exists(path) {
            let entries = logins.map {
                "127.0.0.1:\(facts.port):\(TrialPlan.database):\($0):\(LoginPassword.generate())\n"
            }
            actions += try trial.makeDirectories(for: path, owner: owner)
            try trial.willMake(path)
            let contents = "new passwords of \(logins.joined(separator: " and ")), not shown here"
            actions.append(
                .create(NewFile(path, mode: 0o600, owner: owner, text: entries.joined(), contents: contents)))
        }
        guard !trial.machine.exists(plan.settings) else { return actions }
        let text = settings(port: facts.port)
        try trial.willMake(plan.settings, text: text)
        return actions + [
            .create(
                NewFile(
                    plan.settings, mode: 0o600, owner: plan.account, text: text,
                    contents: "\n    " + text.split(separator: "\n").joined(separator: "\n    ")))
        ]
    }

    private func settings(port: String) -> String {
        func conninfo(_ login: String) -> String {
            "host=127.0.0.1 port=\(port) dbname=\(TrialPlan.database) user=\(login) "
                + "passfile=\(conninfoValue(plan.passfile))"
        }
        // So that the company and its key need not be named with every command.
        let lines = [
            ("admin_database", conninfo(TrialPlan.administrator)), ("reader_database", conninfo(TrialPlan.readerLogin)),
            ("company", plan.company), ("private_key", plan.privateKey),
        ]
        return "# Made by leverctl setup trial; leverctl setup remove-trial removes it.\n"
            + lines.map { "\($0): \(yamlScalar($1))\n" }.joined()
    }

    func undo() throws -> [Action] {
        let passwords = [plan.passfile, TrialPlan.credential].filter(trial.isOurs)
        guard trial.isOurs(plan.settings), let text = try trial.machine.text(of: plan.settings) else {
            return [.remove(passwords)]
        }
        guard text == trial.record.texts[plan.settings] else {
            return [
                .remove(passwords),
                .note("  \(plan.settings) was changed since, and stays; it names a database that is no more"),
            ]
        }
        return [.remove([plan.settings] + passwords)]
    }
}
