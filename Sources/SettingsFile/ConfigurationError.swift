/// A mistake in a configuration file or the environment: where it is and how to correct it, in one line.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(path: String, line: Int? = nil, _ problem: String) {
        description = "\(path):\(line.map { "\($0):" } ?? "") \(problem)"
    }

    init(_ description: String) {
        self.description = description
    }
}
