/// A mistake in a configuration file: where it is and how to correct it, in one line.
public struct ConfigurationError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(path: String, line: Int? = nil, _ problem: String) {
        description = "\(path):\(line.map { "\($0):" } ?? "") \(problem)"
    }
}
