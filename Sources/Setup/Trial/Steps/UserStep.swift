/// The reader, a user of the company who may do everything.
struct UserStep: Step {
    let trial: Trial
    let title = "the reader"

    func isDone() throws -> Bool {
        let query = "SELECT count(*) FROM lever.app_user WHERE login = '\(TrialPlan.readerLogin)'"
        return trial.server.rows(query, in: TrialPlan.database) == ["1"]
    }

    func actions() throws -> [Action] {
        let plan = trial.plan
        return [
            .run(
                plan.leverctl(
                    "user", "add", TrialPlan.readerLogin, "--role", "super-admin", "--email",
                    plan.reader))
        ]
    }
}
