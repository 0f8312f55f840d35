/// The trial's company.
struct CompanyStep: Step {
    let trial: Trial
    private var plan: TrialPlan { trial.plan }
    var title: String { "the company \(plan.company)" }

    private var companies: [String] {
        trial.server.rows("SELECT name FROM lever.company ORDER BY 1", in: TrialPlan.database) ?? []
    }

    /// What begins an address extension at this Postfix; nil if nothing does.
    private var delimiter: String? { trial.postfix.expanded("recipient_delimiter") }

    private var isDelimited: Bool {
        let set = trial.server.rows(
            "SELECT coalesce(max(recipient_delimiter), '') FROM lever.company", in: TrialPlan.database)
        return set == [delimiter ?? ""]
    }

    func isDone() throws -> Bool { companies.contains(plan.company) && (delimiter == nil || isDelimited) }

    func actions() throws -> [Action] {
        var actions: [Action] = []
        if !companies.contains(plan.company) {
            actions.append(
                .run(
                    plan.leverctl(
                        "company", "add", plan.company, "--domain", plan.domain, "--provider", plan.provider, "--sync",
                        "limited")))
        }
        // So that an address with an extension is the same mailbox here and there.
        if let delimiter {
            actions.append(.run(plan.leverctl("company", "set", plan.company, "--recipient-delimiter", delimiter)))
        }
        return actions
    }

    /// Dropping the database takes it away, if it is all that is there.
    func undo() throws -> [Action] {
        guard trial.record.database != nil else { return [] }
        let others = companies.filter { $0 != plan.company }
        guard others.isEmpty else {
            throw SetupError(
                "the trial's database has companies that the trial did not make "
                    + "(\(others.joined(separator: ", "))); it is "
                    + "in use, and stays")
        }
        return []
    }
}
