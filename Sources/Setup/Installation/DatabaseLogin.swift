/// A login of the database server, and whose it is.
public struct DatabaseLogin: Hashable, Sendable {
    public enum Role: String, CaseIterable, Sendable {
        case administrator, mailHost = "mail-host", reader, rekey, retention, auditor, `operator`

        /// The group role that the schema's installation makes.
        var group: String {
            switch self {
            case .administrator: "lever_owner"
            case .mailHost: "lever_ingest"
            case .reader: "lever_reader"
            case .rekey: "lever_rekey"
            case .retention: "lever_retention"
            case .auditor: "lever_auditor"
            case .operator: "lever_operator"
            }
        }

        /// The key of leverctl's settings that names it.
        public var key: String {
            switch self {
            case .administrator: "admin_database"
            case .mailHost: "database"
            default: "\(rawValue)_database"
            }
        }
    }

    public let name: String
    public let role: Role

    /// Nil if that is no name for a login: letters, digits, `_`, `-` and `.`, at most 63, not PostgreSQL's own.
    public init?(_ name: String, _ role: Role) {
        let isPlain = name.utf8.allSatisfy { byte in
            byte >= 0x61 && byte <= 0x7a || byte >= 0x30 && byte <= 0x39 || "_-.".utf8.contains(byte)
        }
        guard (1...63).contains(name.utf8.count), isPlain, !name.hasPrefix("pg_"), !name.hasPrefix("-") else {
            return nil
        }
        (self.name, self.role) = (name, role)
    }

    /// As an identifier of SQL.
    var quoted: String { "\"\(name)\"" }
}
