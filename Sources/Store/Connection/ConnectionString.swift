import CLibpq

/// A parsed libpq connection string. Nothing is connected.
public struct ConnectionString: Sendable {
    private let options: [String: String]
    /// Keywords whose values libpq says to hide (`dispchar` of PQconninfoOption).
    private let secrets: Set<String>

    /// Nil if libpq cannot parse it.
    public init?(_ conninfo: String) {
        guard let options = PQconninfoParse(conninfo, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var secrets: Set<String> = []
        for option in sequence(first: options, next: { $0 + 1 }) {
            guard let keyword = option.pointee.keyword else { break }
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            if option.pointee.dispchar?.pointee == CChar(UInt8(ascii: "*")) { secrets.insert(String(cString: keyword)) }
        }
        self.options = values
        self.secrets = secrets
    }

    /// The password in the string itself.
    public var password: String? { options["password"] }

    /// The string in keyword/value form, with `***` for each password.
    public var masked: String {
        options.sorted { Self.rank($0.key) < Self.rank($1.key) }
            .map { "\($0.key)=\(secrets.contains($0.key) ? "***" : Self.quoted($0.value))" }.joined(separator: " ")
    }

    /// The usual order of the first keywords.
    private static func rank(_ keyword: String) -> String {
        let usual = ["host", "hostaddr", "port", "dbname", "user", "password"]
        return usual.firstIndex(of: keyword).map { "\($0)" } ?? keyword
    }

    private static func quoted(_ value: String) -> String {
        guard value.isEmpty || value.contains(where: { $0.isWhitespace || $0 == "'" || $0 == "\\" }) else { return value }
        return "'\(value.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    }

    /// The file that libpq reads passwords from.
    var passwordFile: String? { options["passfile"] }

    /// What is set for this name in libpq's file of services.
    var service: String? { options["service"] }

    /// The servers it names.
    public var hosts: [String] {
        (options["host"] ?? options["hostaddr"] ?? "").split(separator: ",").map(String.init)
    }
}
