/// What it is all for.
struct TimelineStep: Step {
    let trial: Trial
    let title = "the candidate's timeline"

    func isDone() throws -> Bool { false }

    func actions() throws -> [Action] { [.run(Self.command(trial.plan))] }

    /// The settings name company and key.
    static func command(_ plan: TrialPlan) -> Invocation {
        plan.leverctl("timeline", "--candidate", "1", "--passphrase-file", plan.passphrase)
    }
}
