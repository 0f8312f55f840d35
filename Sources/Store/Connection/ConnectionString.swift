import CLibpq

/// A parsed libpq connection string. Nothing is connected.
public struct ConnectionString: Sendable {
    private let options: [String: String]

    /// Nil if libpq cannot parse it.
    public init?(_ conninfo: String) {
        guard let options = PQconninfoParse(conninfo, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        for option in sequence(first: options, next: { $0 + 1 }) {
            guard let keyword = option.pointee.keyword else { break }
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
        }
        self.options = values
    }

    /// The password in the string itself.
    public var password: String? { options["password"] }

    /// The servers it names.
    public var hosts: [String] {
        (options["host"] ?? options["hostaddr"] ?? "").split(separator: ",").map(String.init)
    }
}
