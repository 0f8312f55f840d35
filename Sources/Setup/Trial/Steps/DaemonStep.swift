/// The daemon: its settings, and its units running.
struct DaemonStep: Step {
    let trial: Trial
    private static let units = ["lever-milter.socket", "lever-milter.service"]
    private static let keys = ["database", "host_name", "signing_key"]
    let title = "the daemon"

    func obstacle() throws -> String? {
        guard trial.record.changes[TrialPlan.daemonSettings] == nil else { return nil }
        let path = TrialPlan.daemonSettings
        if let text = try trial.machine.text(of: path), let key = Self.keys.first(where: SettingsText(text).has) {
            return "\(path) sets '\(key)': this machine has an installation, which the trial leaves alone; use another "
                + "machine"
        }
        guard try trial.machine.names(in: TrialPlan.spool).allSatisfy({ $0.hasPrefix(".") }) else {
            return "\(TrialPlan.spool) is not empty: the daemon has run here. If nobody needs what is in it, empty it"
        }
        return nil
    }

    func isDone() throws -> Bool {
        trial.record.changes[TrialPlan.daemonSettings] != nil && trial.record.enabledUnits
            && trial.machine.answer(["systemctl", "is-active", "lever-milter.service"]) == "active"
    }

    func actions() throws -> [Action] {
        let path = TrialPlan.daemonSettings
        var actions: [Action] = []
        guard let before = try trial.machine.text(of: path), let facts = trial.server.facts else {
            throw SetupError("\(path) or the PostgreSQL server has gone; put it back, and run this again")
        }
        if trial.record.changes[path] == nil {
            let port = facts.port == "5432" ? "" : " port=\(facts.port)"
            let values = [
                // Its password is the credential lever-milter.pgpass.
                "host=127.0.0.1\(port) dbname=\(TrialPlan.database) user=\(TrialPlan.daemon)",
                trial.plan.host, "credential:lever-milter.signing-key",
            ]
            var settings = SettingsText(before)
            for (key, value) in zip(Self.keys, values) { settings.set(key, value) }
            let after = settings.text
            try trial.note { $0.changes[path] = .init(before: before, after: after) }
            actions.append(
                .replace(path: path, text: after, lines: zip(Self.keys, values).map { "\($0): \(yamlScalar($1))" }))
        } else if let change = trial.record.changes[path], before == change.before {
            // Interrupted before it was written.
            actions.append(.replace(path: path, text: change.after, lines: []))
        }
        try trial.note { $0.enabledUnits = true }
        return actions + [
            .run(Invocation(["lever-milter", "--config", path, "--check"])),
            .run(Invocation(["systemctl", "enable", "--now"] + Self.units)),
        ]
    }

    func confirm() throws {
        let isRunning = trial.machine.wait(seconds: 30) {
            trial.machine.answer(["systemctl", "is-active", "lever-milter.service"]) == "active"
        }
        guard isRunning else {
            throw SetupError("lever-milter does not run; journalctl -u lever-milter -n 20 says why, and leverctl check")
        }
    }

    func undo() throws -> [Action] {
        var actions: [Action] = []
        if trial.record.enabledUnits {
            // Not if the package is gone.
            if trial.machine.answer(["systemctl", "cat", "lever-milter.service"]) != nil {
                actions.append(.run(Invocation(["systemctl", "disable", "--now"] + Self.units)))
            }
            actions += try spool()
        }
        let path = TrialPlan.daemonSettings
        if let change = trial.record.changes[path], let text = try trial.machine.text(of: path), text != change.before {
            if text == change.after {
                actions.append(.replace(path: path, text: change.before, lines: ["as it was before the trial"]))
            } else {
                actions.append(
                    .note(
                        "  \(path) was changed since, and stays as it is: take out \(Self.keys.joined(separator: ", "))"
                    ))
            }
        }
        return actions
    }

    /// What the daemon left in its spool, which was empty.
    private func spool() throws -> [Action] {
        guard try !trial.machine.names(in: TrialPlan.spool).isEmpty else { return [] }
        return [.run(Invocation(["find", TrialPlan.spool, "-mindepth", "1", "-delete"]))]
    }

    func forget() throws {
        try trial.note { record in
            record.changes[TrialPlan.daemonSettings] = nil
            record.enabledUnits = false
        }
    }
}
