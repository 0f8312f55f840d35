/// Does steps one by one, and shows each command before it is run. Stops at the first that fails; what was done before
/// stays, and a second run goes on from there.
struct SetupRun {
    let machine: any Machine
    let console: any Console

    /// Throws for the first step that must not be done here; nothing was done.
    func look(_ steps: [any Step]) throws {
        for step in steps {
            if let obstacle = try step.obstacle() { throw SetupError(obstacle) }
        }
    }

    func carryOut(_ steps: [any Step]) throws {
        for (index, step) in steps.enumerated() {
            console.say("\n\(index + 1)/\(steps.count) \(step.title)")
            if try step.isDone() {
                console.say("  already there")
                continue
            }
            // It could not be seen before the steps before it were done.
            if let obstacle = try step.obstacle() { throw SetupError(obstacle) }
            for action in try step.actions() { try carryOut(action) }
            try step.confirm()
        }
    }

    /// Takes steps back, the last first.
    func undo(_ steps: [any Step]) throws {
        for step in steps.reversed() {
            let actions = try step.undo()
            if !actions.isEmpty {
                console.say("\n\(step.title)")
                for action in actions { try carryOut(action) }
            }
            try step.forget()
        }
    }

    func carryOut(_ action: Action) throws {
        switch action {
        case .run(let command):
            console.say(command.typed)
            try check(command, try machine.run(command))
        case .read(let command, let use):
            console.say(command.typed)
            let outcome = try machine.look(command)
            let text = String(decoding: outcome.output, as: UTF8.self)
            console.say(text.hasSuffix("\n") ? String(text.dropLast()) : text)
            try check(command, outcome.status)
            try use(text)
        case .done(let note):
            try note()
        case .makeDirectory(let path, let mode, let owner):
            try machine.makeDirectory(path, mode: mode, owner: owner)
        case .create(let file):
            let owner = file.owner?.name ?? "root"
            console.say("wrote \(file.path) (mode \(file.octalMode), of \(owner)): \(file.contents)")
            try machine.create(file)
        case .replace(let path, let text, let lines):
            console.say("changed \(path):")
            for line in lines { console.say("    \(line)") }
            try machine.replace(path, with: text)
        case .remove(let paths):
            for path in paths where machine.exists(path) {
                console.say("removed \(path)")
                try machine.remove(path)
            }
        case .note(let text):
            console.say(text)
        }
    }
    private func check(_ command: Invocation, _ status: Int32) throws {
        guard status != 0 else { return }
        throw SetupError(
            "this command failed (exit status \(status)): "
                + "\(command.words.map(shellWord).joined(separator: " ")); see above "
                + "why. Once that is put right, run the same setup again: it goes on here")
    }
}
