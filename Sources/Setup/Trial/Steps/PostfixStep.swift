/// Postfix asks the filter, and takes mail to the trial's own addresses nowhere.
struct PostfixStep: Step {
    let trial: Trial
    let title = "Postfix"

    func obstacle() throws -> String? {
        guard trial.machine.exists("/usr/sbin/postconf") else { return nil }
        guard trial.machine.exists("/etc/postfix/main.cf") else {
            return
                "Postfix is installed but not configured; dpkg-reconfigure postfix, and choose 'Local only' for a trial"
        }
        guard trial.record.postfix.isEmpty, PostfixAttachment.isPresent(in: trial.postfix.all) else { return nil }
        return "Postfix asks a lever-milter already (postconf lever_milter smtpd_milters); this mail host has an "
            + "installation, which the trial leaves alone; use another machine"
    }

    /// The lines that are not there yet.
    private var lines: [PostfixAttachment.Line] {
        let current = trial.postfix.all
        var lines = PostfixAttachment(current: current).lines
        let maps = current["transport_maps"] ?? ""
        if !maps.contains(trial.plan.reader) {
            let own = [trial.plan.reader, trial.plan.candidate].map { "{ \($0) = discard:lever-trial }" }
            let ours = "inline:{ \(own.joined(separator: ", ")) }"
            lines.append(.init("transport_maps", maps.isEmpty ? ours : "\(ours), \(maps)"))
        }
        return lines
    }

    /// Debian's main.cf names this file. Without it, as after an installation that could ask nothing, Postfix defers
    /// mail.
    private static let mailName = "/etc/mailname"
    private var isNameless: Bool {
        !trial.machine.exists(Self.mailName)
            && ["myorigin", "mydestination"].contains { trial.postfix.all[$0]?.contains(Self.mailName) == true }
    }

    func isDone() throws -> Bool { !isNameless && lines.isEmpty && trial.machine.answer(["postfix", "status"]) != nil }

    func actions() throws -> [Action] {
        let lines = lines
        if !lines.isEmpty {
            trial.console.say("  These lines of /etc/postfix/main.cf change; remove-trial puts back what was there:")
            let explicit = trial.postfix.explicit
            for line in lines {
                if let before = explicit[line.name] { trial.console.say("  - \(line.name) = \(before)") }
                trial.console.say("  + \(line.setting)")
            }
            try trial.consent("Change Postfix?")
            try trial.note { record in
                for line in lines where !record.postfix.contains(where: { $0.name == line.name }) {
                    record.postfix.append(.init(name: line.name, before: explicit[line.name], after: line.value))
                }
            }
        }
        var actions: [Action] = []
        if isNameless {
            try trial.willMake(Self.mailName)
            let name = trial.plan.domain
            actions.append(
                .create(
                    NewFile(Self.mailName, mode: 0o644, text: name + "\n", contents: "\(name), as main.cf expects one")))
        }
        if !lines.isEmpty { actions.append(.run(PostfixAttachment.command(lines))) }
        actions.append(.run(Invocation(["postfix", "check"])))
        actions.append(reload)
        return actions
    }

    private var reload: Action {
        let isRunning = trial.machine.answer(["postfix", "status"]) != nil
        return .run(Invocation(isRunning ? ["postfix", "reload"] : ["systemctl", "start", "postfix"]))
    }

    func undo() throws -> [Action] {
        let explicit = trial.postfix.explicit
        var restored: [PostfixAttachment.Line] = []
        var removed: [String] = []
        var actions: [Action] = []
        for change in trial.record.postfix where explicit[change.name] != change.before {
            guard explicit[change.name] == change.after else {
                actions.append(
                    .note("  \(change.name) was changed since, and stays: \(explicit[change.name] ?? "not in main.cf")")
                )
                continue
            }
            if let before = change.before {
                restored.append(.init(change.name, before))
            } else {
                removed.append(change.name)
            }
        }
        if !restored.isEmpty { actions.append(.run(PostfixAttachment.command(restored))) }
        // The lists that name the filter go first, so that its own parameter is not missed.
        if !removed.isEmpty { actions.append(.run(Invocation(["postconf", "-X"] + removed))) }
        guard !restored.isEmpty || !removed.isEmpty else { return actions }
        return actions + (trial.machine.answer(["postfix", "status"]) == nil ? [] : [reload])
    }

    func forget() throws { try trial.note { $0.postfix = [] } }
}
