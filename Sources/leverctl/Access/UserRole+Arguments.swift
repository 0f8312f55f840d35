public import ArgumentParser
public import Store

/// Typed with hyphens, stored with underscores.
extension UserRole: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(rawValue: argument.split(separator: "-").joined(separator: "_"))
    }

    public static var allValueStrings: [String] { allCases.map(\.word) }

    var word: String { rawValue.split(separator: "_").joined(separator: "-") }
}
