import Foundation

/// Two mails through this machine's Postfix: the company's first, and the candidate's reply. Both are on the timeline
/// when this is done.
struct MailStep: Step {
    let trial: Trial
    private var plan: TrialPlan { trial.plan }
    let title = "a mail to the candidate, and the reply"

    /// Seconds that capturing may take.
    private static let patience = 60

    private var captured: Int {
        trial.server.rows("SELECT count(*) FROM lever.message", in: TrialPlan.database)?.first.flatMap { Int($0) } ?? 0
    }

    func isDone() throws -> Bool { captured >= 2 }

    func actions() throws -> [Action] {
        guard let messageID = trial.record.messageID else { throw SetupError("the trial has no thread") }
        let mail = TrialMail(plan: plan, messageID: messageID)
        var actions: [Action] = []
        for (name, command) in [("first", mail.first), ("reply", mail.reply)] where !trial.record.sent.contains(name) {
            actions.append(.run(command))
            actions.append(.done { [trial] in try trial.note { $0.sent.append(name) } })
        }
        return actions
    }

    func confirm() throws {
        let started = ContinuousClock.now
        trial.console.say("waiting for lever-milter to capture them ...")
        guard trial.machine.wait(seconds: Self.patience, until: { captured >= 2 }) else {
            throw SetupError(
                "\(captured) of 2 mails were captured within \(Self.patience) s. leverctl check says what is wrong; "
                    + "journalctl -u lever-milter -n 20 and mailq show where they are. Then run this again")
        }
        let milliseconds = Int((ContinuousClock.now - started) / .milliseconds(1))
        trial.console.say("captured, after \(milliseconds / 1000).\(milliseconds % 1000 / 100) s")
    }

    /// What waits in Postfix's queue would leave the machine once Postfix knows nothing of the trial any more.
    func undo() throws -> [Action] {
        let waiting = (trial.machine.answer(["postqueue", "-j"]) ?? "").split(separator: "\n").compactMap { line in
            try? JSONDecoder().decode(Waiting.self, from: Data(line.utf8))
        }
        // Postfix lists further recipients beside those it could not resolve.
        let ours = [plan.reader, plan.candidate]
        let own = waiting.filter { message in
            ours.contains(message.sender) && message.recipients.contains { ours.contains($0.address) }
        }
        return own.map { .run(Invocation(["postsuper", "-d", $0.queue_id])) }
    }

    /// A line of postqueue(1).
    private struct Waiting: Decodable {
        struct Recipient: Decodable {
            let address: String
        }
        let queue_id: String
        let sender: String
        let recipients: [Recipient]
    }
}
