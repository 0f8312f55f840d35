/// One thing that a step does: it is shown, and then done.
enum Action {
    case run(Invocation)
    /// A command whose output is shown and used.
    case read(Invocation, (String) throws -> Void)
    /// Notes that what precedes it is done.
    case done(() throws -> Void)
    /// A directory that does not exist.
    case makeDirectory(path: String, mode: UInt32, owner: Account?)
    /// A file that does not exist.
    case create(NewFile)
    /// The whole new text of a file that exists, and the lines that are new, to show.
    case replace(path: String, text: String, lines: [String])
    /// Files and empty directories.
    case remove([String])
    /// Only said.
    case note(String)
}
