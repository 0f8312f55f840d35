import CLibpq

/// What a libpq connection string says, without connecting.
public struct ConnectionString: Sendable {
    private let options: [String: String]

    /// Nil where libpq cannot read it.
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

    /// Written into the string itself.
    public var password: String? { options["password"] }

    /// The servers that it names.
    public var hosts: [String] {
        (options["host"] ?? options["hostaddr"] ?? "").split(separator: ",").map(String.init)
    }
}
