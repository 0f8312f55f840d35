import System

@testable import Setup

/// A machine of a test: files in memory, and answers to the commands that look. What is run is kept.
final class FakeMachine: Machine {
    var files: [String: String] = [:]
    var directories: Set<String> = ["/", "/etc", "/var", "/var/lib", "/root", "/run/systemd/system"]
    /// What commands that begin with these words write.
    var answers: [(prefix: [String], output: String)] = []
    /// Answers to what PostgreSQL's superuser asks, by a part of the query.
    var database: [(query: String, output: String)] = []
    private(set) var ran: [Invocation] = []
    /// The exit statuses of commands that begin with a word.
    var failures: [String: Int32] = [:]

    func run(_ command: Invocation) -> Int32 {
        ran.append(command)
        return failures[command.words[0]] ?? 0
    }

    func look(_ command: Invocation) -> ProgramRun.Outcome {
        if let query = command.input, command.words.contains("psql"),
            let answer = database.first(where: { query.contains($0.query) })
        {
            return .init(status: 0, output: Array(answer.output.utf8))
        }
        for (prefix, output) in answers where command.words.starts(with: prefix) {
            return .init(status: 0, output: Array(output.utf8))
        }
        return .init(status: 1)
    }

    func contents(of path: String) -> [UInt8]? { files[path].map { Array($0.utf8) } }
    func exists(_ path: String) -> Bool { files[path] != nil || directories.contains(path) }

    func names(in directory: String) -> [String] {
        let below = (Array(files.keys) + Array(directories)).filter { $0.hasPrefix(directory + "/") }
        return below.map { path in String(path.dropFirst(directory.count + 1).prefix { $0 != "/" }) }
    }

    func create(_ file: NewFile) throws(SystemError) {
        guard !exists(file.path) else { throw SystemError("open", file.path, 17) }
        guard exists(directory(of: file.path)) else { throw SystemError("open", file.path, 2) }
        files[file.path] = file.text
    }

    func replace(_ path: String, with text: String) { files[path] = text }

    func makeDirectory(_ path: String, mode: UInt32, owner: Account?) throws(SystemError) {
        guard exists(directory(of: path)) else { throw SystemError("make", path, 2) }
        directories.insert(path)
    }

    func remove(_ path: String) throws(SystemError) {
        guard names(in: path).isEmpty else { throw SystemError("remove", path, 39) }
        files[path] = nil
        directories.remove(path)
    }

    func wait(seconds: Int, until condition: () throws -> Bool) rethrows -> Bool { try condition() }
}

/// What was said, and answers to questions.
final class FakeConsole: Console {
    private(set) var said: [String] = []
    var replies: [String]?

    init(replies: [String]? = nil) { self.replies = replies }

    func say(_ text: String) { said.append(text) }
    var text: String { said.joined(separator: "\n") }

    func ask(_ question: String) -> String? {
        said.append(question)
        guard replies != nil, !replies!.isEmpty else { return nil }
        return replies!.removeFirst()
    }
}
