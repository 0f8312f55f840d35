public import System

/// The machine that is set up: its commands and its files. Blocks; one thread.
public protocol Machine: AnyObject {
    /// Runs a command that writes to the terminal. Its exit status.
    func run(_ command: Invocation) throws(SystemError) -> Int32
    /// Runs a command that only looks, and collects what it writes.
    func look(_ command: Invocation) throws(SystemError) -> ProgramRun.Outcome

    /// Nil if there is no such file.
    func contents(of path: String) throws(SystemError) -> [UInt8]?
    /// Also true for a directory, or anything else of that name.
    func exists(_ path: String) -> Bool
    /// The names in a directory; none if there is no such directory.
    func names(in directory: String) throws(SystemError) -> [String]
    /// Makes a file that does not exist, durably.
    func create(_ file: NewFile) throws(SystemError)
    /// Replaces the content of a file that exists, durably; mode and owner stay.
    func replace(_ path: String, with text: String) throws(SystemError)
    /// Makes a directory.
    func makeDirectory(_ path: String, mode: UInt32, owner: Account?) throws(SystemError)
    /// Removes a file or an empty directory.
    func remove(_ path: String) throws(SystemError)

    /// Whether `condition` holds within `seconds`; it is asked several times a second.
    func wait(seconds: Int, until condition: () throws -> Bool) rethrows -> Bool
}

extension Machine {
    func text(of path: String) throws(SystemError) -> String? {
        try contents(of: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// What a command writes, without the last line feed; nil if it fails or is not there.
    func answer(_ words: [String], input: String? = nil) -> String? {
        guard let outcome = try? look(Invocation(words, input: input)), outcome.status == 0 else { return nil }
        let text = String(decoding: outcome.output, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
