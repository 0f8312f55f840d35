import Foundation
import System

/// A trial on a machine: what all of its steps share. One thread.
final class Trial {
    let machine: any Machine
    let console: any Console
    /// Whether questions are answered with yes.
    let agreed: Bool
    private(set) var record: TrialRecord

    var plan: TrialPlan { record.plan }
    let server: PostgresServer
    let postfix: PostfixParameters

    init(_ record: TrialRecord, machine: any Machine, console: any Console, agreed: Bool) {
        self.record = record
        (self.machine, self.console, self.agreed) = (machine, console, agreed)
        server = PostgresServer(machine: machine)
        postfix = PostfixParameters(machine: machine)
    }

    /// The trial that is on this machine; nil if there is none.
    static func record(on machine: any Machine) throws -> TrialRecord? {
        guard let bytes = try machine.contents(of: TrialRecord.path) else { return nil }
        do {
            return try JSONDecoder().decode(TrialRecord.self, from: Data(bytes))
        } catch {
            throw SetupError(
                "\(TrialRecord.path) is not the record of a trial; if it is damaged, take the trial back by hand: "
                    + "docs/howto/trial.md")
        }
    }

    /// Changes the record, durably.
    func note(_ change: (inout TrialRecord) -> Void) throws {
        change(&record)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(record), as: UTF8.self) + "\n"
        if machine.exists(TrialRecord.path) {
            try machine.replace(TrialRecord.path, with: text)
        } else {
            let directory = directory(of: TrialRecord.path)
            if !machine.exists(directory) { try machine.makeDirectory(directory, mode: 0o755, owner: nil) }
            try machine.create(NewFile(TrialRecord.path, mode: 0o600, text: text, contents: ""))
        }
    }

    /// Notes a file that the trial is about to make.
    func willMake(_ path: String, text: String? = nil) throws {
        try note { record in
            if !record.made.contains(path) { record.made.append(path) }
            record.texts[path] = text
        }
    }

    func isOurs(_ path: String) -> Bool { record.made.contains(path) }

    /// The directories on the way to a file that are missing, the outermost first; they are noted as the trial's.
    func makeDirectories(for path: String, owner: Account?) throws -> [Action] {
        var missing: [String] = []
        var next = directory(of: path)
        while !machine.exists(next), next != "/" {
            missing.insert(next, at: 0)
            next = directory(of: next)
        }
        for path in missing { try willMake(path) }
        return missing.map { .makeDirectory(path: $0, mode: 0o700, owner: owner) }
    }

    /// Asks before something that is not the trial's own is changed. Throws unless the answer is yes.
    func consent(_ question: String) throws {
        guard !agreed else { return }
        switch console.agrees(question) {
        case true?: return
        case false?: throw SetupError("nothing more was done; run the same setup again to go on")
        case nil: throw SetupError("there is no terminal to ask on; give --yes to agree to: \(question)")
        }
    }
}
