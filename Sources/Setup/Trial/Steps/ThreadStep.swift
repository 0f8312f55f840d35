/// A candidate, and a thread with that candidate.
struct ThreadStep: Step {
    let trial: Trial
    let title = "a candidate and a thread"

    private var hasCandidate: Bool {
        trial.server.rows("SELECT count(*) FROM lever.candidate", in: TrialPlan.database).map { $0 != ["0"] } ?? false
    }

    func isDone() throws -> Bool { hasCandidate && trial.record.messageID != nil }

    func actions() throws -> [Action] {
        let plan = trial.plan
        var actions: [Action] = []
        if !hasCandidate {
            actions.append(
                .run(
                    plan.leverctl(
                        "candidate", "add", "--name", plan.candidateName, "--email",
                        plan.candidate, "--passphrase-file", plan.passphrase)))
        }
        let start = plan.leverctl("thread", "start", "--candidate", "1")
        return actions + [
            .read(start) { [trial] output in
                let field = "Message-ID: "
                guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix(field) }) else {
                    throw SetupError("leverctl thread start printed no Message-ID")
                }
                try trial.note { $0.messageID = String(line.dropFirst(field.count)) }
            }
        ]
    }
}
