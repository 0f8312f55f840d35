/// PostgreSQL and Postfix, from Debian's packages. apt-get removes nothing for it: another mail server stays, and there
/// is no trial then.
struct PackagesStep: Step {
    let trial: Trial
    let title = "PostgreSQL and Postfix"

    private var missing: [String] {
        var packages: [String] = []
        let versions = (try? trial.machine.names(in: "/usr/lib/postgresql")) ?? []
        if !versions.contains(where: { trial.machine.exists("/usr/lib/postgresql/\($0)/bin/postgres") }) {
            packages.append("postgresql")
        }
        if !trial.machine.exists("/usr/sbin/postconf") { packages.append("postfix") }
        return packages
    }

    func obstacle() throws -> String? {
        guard trial.machine.exists("/run/systemd/system") else {
            return "systemd does not run this system, which the trial needs; use a machine or a container that boots"
        }
        guard trial.machine.exists("/usr/sbin/lever-milter"), trial.machine.exists(TrialPlan.daemonSettings) else {
            return "the package lever-milter is not installed; apt install ./lever-milter_VERSION_ARCH.deb"
        }
        let missing = missing
        guard !missing.isEmpty else { return nil }
        let plan = Invocation(["apt-get", "--simulate", "install", "--no-install-recommends"] + missing)
        let outcome = try trial.machine.look(plan)
        let text = String(decoding: outcome.output, as: UTF8.self)
        guard outcome.status == 0 else {
            return "apt-get cannot install \(missing.joined(separator: " and ")); apt-get update, and see what apt-get "
                + "install \(missing.joined(separator: " ")) says"
        }
        let removed = Self.removed(bySimulation: text)
        guard removed.isEmpty else {
            return "to install \(missing.joined(separator: " and ")), apt-get would remove "
                + "\(removed.joined(separator: ", ")); use another machine, or remove that yourself if nobody needs it"
        }
        return nil
    }

    /// The packages that `apt-get --simulate` says it would remove.
    static func removed(bySimulation text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count > 1 && (words[0] == "Remv" || words[0] == "Purg") ? String(words[1]) : nil
        }
    }

    func isDone() throws -> Bool { missing.isEmpty }

    func actions() throws -> [Action] {
        let packages = missing
        try trial.consent("Install \(packages.joined(separator: " and ")) from Debian's packages?")
        try trial.note { record in record.packages += packages.filter { !record.packages.contains($0) } }
        var actions: [Action] = []
        if packages.contains("postfix") {
            // Listens on loopback addresses alone.
            let answers = """
                postfix postfix/main_mailer_type select Local only
                postfix postfix/mailname string \(trial.plan.domain)

                """
            actions.append(.run(Invocation(["debconf-set-selections"], input: answers)))
        }
        return actions + [
            .run(
                Invocation(
                    ["apt-get", "--quiet", "--yes", "--no-remove", "--no-install-recommends", "install"] + packages))
        ]
    }

    func undo() throws -> [Action] {
        let packages = trial.record.packages
        guard !packages.isEmpty else { return [] }
        return [.note("  they stay; if nobody needs them: apt-get purge \(packages.joined(separator: " "))")]
    }
}
