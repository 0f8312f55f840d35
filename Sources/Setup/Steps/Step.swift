/// A step of a setup. It looks whether it is done, says what it would do, and what takes it back; `SetupRun` does that.
protocol Step {
    /// What is there when it is done: `the database`.
    var title: String { get }
    /// Why it must not be done on this machine, with what to do; nil if nothing speaks against it. Asked for every step
    /// before the first is done.
    func obstacle() throws -> String?
    func isDone() throws -> Bool
    /// Called when it is not done: what is to be done. May note in the record what it is about to make.
    func actions() throws -> [Action]
    /// What to check or wait for after the actions; throws if they did not lead there.
    func confirm() throws
    /// What takes away what the record says it made; nothing if there is nothing.
    func undo() throws -> [Action]
    /// Called once that is done.
    func forget() throws
}

extension Step {
    func obstacle() throws -> String? { nil }
    func confirm() throws {}
    func undo() throws -> [Action] { [] }
    func forget() throws {}
}
