import Foundation
import TestSupport
import Testing

/// The programs that builders and operators run from the checkout: whatever is executable below these directories.
@Suite struct ScriptTests {
    private static let scripts: [String] = ["deploy", "Benchmarks"].flatMap { directory in
        let root = "\(Repository.path)/\(directory)"
        let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
        return files.filter { file in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(root)/\(file)", isDirectory: &isDirectory)
                && !isDirectory.boolValue && FileManager.default.isExecutableFile(atPath: "\(root)/\(file)")
        }.map { "\(directory)/\($0)" }
    }.filter { $0 != "deploy/debian/rules" }.sorted()  // a makefile: make(1) answers for it

    /// Runs a script where it finds nothing to build, install or become root with. Those that it looked for are in
    /// `tried`.
    private func run(_ script: String, _ argument: String) throws -> (command: Command, tried: String) {
        let decoys = try TemporaryDirectory("decoys")
        try decoys.write("tried", "")
        for program in ["swift", "apt-get", "apt", "dpkg", "sudo", "mmdebstrap", "systemd-nspawn", "unshare", "mount"] {
            let decoy = try decoys.write(program, "#!/bin/sh\necho \(program) >>'\(decoys.file("tried"))'\nexit 99\n")
            chmod(decoy, 0o755)
        }
        let command = try Command.run(
            ["\(Repository.path)/\(script)", argument],
            environment: ["PATH": "\(decoys.path):/usr/sbin:/usr/bin:/sbin:/bin"])
        return (command, String(decoding: try contents(of: decoys.file("tried")), as: UTF8.self))
    }

    @Test func `there are scripts`() { #expect(Self.scripts.contains("deploy/demo")) }

    @Test(arguments: scripts)
    func `a script says what it is for and how it is called, and does nothing else`(script: String) throws {
        for option in ["--help", "-h"] {
            let (command, tried) = try run(script, option)
            #expect(command.status == 0)
            #expect(command.errors.isEmpty && tried.isEmpty)
            #expect(command.text.contains((script as NSString).lastPathComponent))
            #expect(command.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        }
    }

    @Test(arguments: scripts)
    func `a script refuses an option that it does not know, and says how it is called`(script: String) throws {
        let (command, tried) = try run(script, "--nonsense")
        #expect(command.status == 2)
        #expect(command.output.isEmpty && tried.isEmpty)
        #expect(command.errors.lowercased().contains("usage: "))
    }

    @Test(arguments: scripts.filter { !$0.hasPrefix("deploy/debian/") })
    func `a script is on the page of its directory`(script: String) throws {
        let page = script.hasPrefix("deploy/") ? "deploy/README.md" : "Benchmarks/README.md"
        let name = (script as NSString).lastPathComponent
        let text = try Repository.text(of: page)
        #expect(text.contains("[\(name)](\(name))") || text.contains("\(script)"))
    }
}
