import Store

/// The company's key pair: the private key in the user's directory, under a passphrase in a file beside it. That is
/// less than a real installation needs, and enough for mail of a trial.
struct KeyStep: Step {
    let trial: Trial
    private var plan: TrialPlan { trial.plan }
    let title = "the company's key"

    func obstacle() throws -> String? {
        for path in [plan.privateKey, plan.passphrase] where trial.machine.exists(path) && !trial.isOurs(path) {
            return "\(path) exists, and is not the trial's; move it away"
        }
        return nil
    }

    private var isRegistered: Bool {
        trial.server.rows("SELECT count(*) FROM lever.sealing_key", in: TrialPlan.database).map { $0 != ["0"] } ?? false
    }

    func isDone() throws -> Bool { trial.machine.exists(plan.privateKey) && isRegistered }

    func actions() throws -> [Action] {
        guard !isRegistered else {
            throw SetupError(
                "\(plan.privateKey) is gone, and with it whatever was captured; leverctl setup remove-trial, and "
                    + "begin again"
            )
        }
        var actions = try trial.makeDirectories(for: plan.privateKey, owner: plan.account)
        if !trial.machine.exists(plan.passphrase) {
            try trial.willMake(plan.passphrase)
            actions.append(
                .create(
                    NewFile(
                        plan.passphrase, mode: 0o600, owner: plan.account, text: LoginPassword.generate() + "\n",
                        contents: "a new passphrase, not shown here")))
        }
        // Made, but not registered: nothing is sealed to it.
        actions.append(.remove([plan.privateKey]))
        try trial.willMake(plan.privateKey)
        return actions + [
            .run(
                plan.leverctl(
                    "key", "generate", "--private-key", plan.privateKey, "--passphrase-file",
                    plan.passphrase))
        ]
    }

    func undo() throws -> [Action] { [.remove([plan.privateKey, plan.passphrase].filter(trial.isOurs))] }
}
