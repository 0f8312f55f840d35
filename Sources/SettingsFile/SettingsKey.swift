import Core

/// A key of the configuration file: how it is read, and what the manual and the default file say about it. A plain
/// value.
public struct SettingsKey: Sendable {
    public enum Program: Sendable {
        case daemon
        case daemonAndReplay
        case leverctl
        case both
    }

    public enum Default: Hashable, Sendable {
        /// The value that counts if the key is missing, as it would be written in the file.
        case value(String)
        /// There is no value; words that say what follows from that.
        case none(String)
    }

    /// A variable of leverctl's environment that is used before the files.
    public struct Variable: Sendable {
        public let name: String
        /// What stands between the values of a list; nil for a single value.
        var separator: Character?

        func value(_ text: String) -> YAMLDocument.Value {
            separator.map { .list(text.split(separator: $0).map(String.init)) } ?? .scalar(text)
        }
    }

    public let name: String
    public let variable: Variable?
    /// Who reads the key.
    public let program: Program
    public let `default`: Default
    /// A value to show in the default file: the default, or an example if there is none.
    public let example: String
    /// What the key sets, in Markdown, without the final full stop.
    public let help: String
    /// Reads the key's value from its line and stores it.
    let apply: @Sendable (SettingsLine, inout Settings) throws(ConfigurationError) -> Void

    /// A key with a default, which must be the property's initial value.
    init<Value>(
        _ name: String, _ property: any WritableKeyPath<Settings, Value> & Sendable, _ reader: SettingsReader<Value>,
        of program: Program, variable: Variable? = nil, default value: String, example: String? = nil, _ help: String
    ) {
        self.name = name
        self.variable = variable
        self.program = program
        self.default = .value(value)
        self.example = example ?? value
        self.help = help
        apply = { line, settings throws(ConfigurationError) in settings[keyPath: property] = try reader.read(line) }
    }

    /// A key without a default: `absent` says what follows if it is missing.
    init<Value>(
        _ name: String, _ property: any WritableKeyPath<Settings, Value?> & Sendable, _ reader: SettingsReader<Value>,
        of program: Program, variable: Variable? = nil, absent: String, example: String, _ help: String
    ) {
        self.name = name
        self.variable = variable
        self.program = program
        self.default = .none(absent)
        self.example = example
        self.help = help
        apply = { line, settings throws(ConfigurationError) in settings[keyPath: property] = try reader.read(line) }
    }
}

extension SettingsKey.Program: CustomStringConvertible {
    /// In Markdown.
    public var description: String {
        switch self {
        case .daemon: "lever-milter"
        case .daemonAndReplay: "lever-milter, `leverctl replay`"
        case .leverctl: "leverctl"
        case .both: "both"
        }
    }
}

extension SettingsKey.Default: CustomStringConvertible {
    /// In Markdown.
    public var description: String {
        switch self {
        case .value(let value): "`\(value)`"
        case .none(let words): words
        }
    }
}

extension SettingsKey {
    /// The known keys that a misspelt one most likely stands for.
    static func closest(to word: String) -> [String] { Spelling.closest(to: word, among: all.map(\.name)) }
}
