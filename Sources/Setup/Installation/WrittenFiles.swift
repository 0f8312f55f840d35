import System

/// Files that a setup writes for an installation. None that exists is lost: it is refused, or with `force` kept beside
/// the new one.
public struct WrittenFiles {
    let machine: any Machine
    let console: any Console
    let force: Bool

    public init(machine: any Machine, console: any Console, force: Bool) {
        (self.machine, self.console, self.force) = (machine, console, force)
    }

    /// Throws for the first of the files that exists, unless it may be replaced. Nothing is written.
    func refuse(existing paths: [String]) throws {
        guard !force else { return }
        for path in paths where machine.exists(path) {
            throw SetupError(
                "\(path) exists; look at it, and give --force to replace it (a copy is kept as \(path).before)")
        }
    }

    /// Writes a file with the directories that it is in. Says its path, mode and what is in it.
    func write(_ file: NewFile, directoryMode: UInt32 = 0o755) throws {
        try makeDirectory(directory(of: file.path), mode: directoryMode, owner: file.owner)
        if machine.exists(file.path) { try keep(file.path, owner: file.owner) }
        try machine.create(file)
        let owner = file.owner.map { ", of \($0.name)" } ?? ""
        console.say("wrote \(file.path) (mode \(file.octalMode)\(owner)): \(file.contents)")
    }

    /// Replaces the text of a file that exists; its mode and owner stay, and a copy of what was there.
    func change(_ path: String, to text: String, lines: [String]) throws {
        if let before = try machine.text(of: path) { try copy(path, before, owner: nil) }
        try machine.replace(path, with: text)
        console.say("changed \(path); new in it:")
        for line in lines { console.say("    \(line)") }
    }

    private func makeDirectory(_ path: String, mode: UInt32, owner: Account?) throws {
        guard !machine.exists(path), path != "." else { return }
        try makeDirectory(directory(of: path), mode: mode, owner: owner)
        try machine.makeDirectory(path, mode: mode, owner: owner)
    }

    private func keep(_ path: String, owner: Account?) throws {
        if let before = try machine.text(of: path) { try copy(path, before, owner: owner) }
        try machine.remove(path)
    }

    /// Never over an earlier copy.
    private func copy(_ path: String, _ text: String, owner: Account?) throws {
        var name = path + ".before"
        var number = 1
        while machine.exists(name) {
            number += 1
            name = "\(path).before-\(number)"
        }
        try machine.create(NewFile(name, mode: 0o600, owner: owner, text: text, contents: ""))
        console.say("kept \(name): what was there")
    }
}
