import Foundation

/// A process that this one did not start itself, and its name.
public struct RunningProcess: Sendable {
    public let pid: Int32
    public let name: String
    /// Its command line, or its title: PostgreSQL's processes say there what they do.
    public let title: String

    public func send(_ signal: Int32) { kill(pid, signal) }
}

/// The running direct children of a process.
func children(of parent: Int32) throws -> [RunningProcess] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).compactMap { pid in
        // Gone since the directory was read.
        guard let bytes = try? contents(of: "/proc/\(pid)/stat") else { return nil }
        // pid (name) state parent, proc(5); the name may hold anything.
        let text = String(decoding: bytes, as: UTF8.self)
        guard let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 2, fields[2] == "\(parent)", fields[1] != "Z" else { return nil }
        let title = (try? contents(of: "/proc/\(pid)/cmdline")) ?? []
        return RunningProcess(
            pid: pid, name: String(text[text.index(after: start)..<end]),
            title: String(decoding: title.map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self))
    }
}
