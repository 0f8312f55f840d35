// Setup: sets up a trial on one machine, and the parts of a real installation, step by step as a person would. Knows
// commands, files and Postfix's and PostgreSQL's settings; what leverctl can do itself it runs as leverctl. May use
// System, SettingsFile and Store.

/// Why a setup stopped, in one line that says what to do.
public struct SetupError: Error, CustomStringConvertible, Sendable {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
