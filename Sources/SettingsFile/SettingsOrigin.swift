/// Where the value of a setting is from, as errors name it.
public enum SettingsOrigin: Hashable, Sendable, CustomStringConvertible {
    /// The line is counted from 1.
    case file(path: String, line: Int)
    /// A variable of the environment, by its name.
    case variable(String)

    /// `PATH:LINE`, or the variable's name.
    public var description: String {
        switch self {
        case .file(let path, let line): "\(path):\(line)"
        case .variable(let name): name
        }
    }
}

/// A value as it was written, and where. `leverctl settings` shows them.
public struct GivenSetting: Hashable, Sendable {
    /// A list has more than one, or none.
    public let values: [String]
    public let origin: SettingsOrigin
}
