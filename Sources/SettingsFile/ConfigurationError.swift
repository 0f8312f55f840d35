/// What is wrong with a configuration file, where, and what to do: one line.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(path: String, line: Int? = nil, _ problem: String) {
        description = "\(path):\(line.map { "\($0):" } ?? "") \(problem)"
    }
}
