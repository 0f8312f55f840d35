/// This mail host and its signing key, which systemd hands to the daemon.
struct HostStep: Step {
    let trial: Trial
    private var plan: TrialPlan { trial.plan }
    var title: String { "the mail host \(plan.host)" }

    private var isRegistered: Bool {
        trial.server.rows("SELECT count(*) FROM lever.host_key", in: TrialPlan.database).map { $0 != ["0"] } ?? false
    }

    func isDone() throws -> Bool { trial.machine.exists(TrialPlan.signingKey) && isRegistered }

    func actions() throws -> [Action] {
        let actions = try trial.makeDirectories(for: TrialPlan.signingKey, owner: nil)
        try trial.willMake(TrialPlan.signingKey)
        // The file is root's, and the login is the user's.
        let config = plan.account.isRoot ? [] : ["--config", plan.settings]
        return actions + [
            .remove([TrialPlan.signingKey]),
            .run(Invocation(["leverctl", "host", "add", plan.host, "--signing-key", TrialPlan.signingKey] + config)),
        ]
    }

    func undo() throws -> [Action] { [.remove([TrialPlan.signingKey].filter(trial.isOurs))] }
}
