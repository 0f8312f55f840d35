import CLibpq

/// An error of PostgreSQL or of the connection to it. Carries the primary message alone: the server's detail, hint and
/// context may quote values.
public struct DatabaseError: Error, CustomStringConvertible, Sendable {
    /// The five characters of SQLSTATE; nil if the server was not reached or the connection broke.
    public let sqlState: String?
    /// One line.
    public let message: String
    /// The violated constraint.
    public let constraint: String?

    /// True if the same request may succeed later. Unknown states are transient.
    ///
    /// Permanent are values that cannot be stored (class 22), violated constraints (23), exceeded limits of the program
    /// (54) and what the ingest function itself refuses (LV001).
    public var isTransient: Bool {
        guard let sqlState else { return true }
        return !["22", "23", "54", "LV"].contains(String(sqlState.prefix(2)))
    }

    /// Something holds up this very request, and perhaps no other: a lock that is not granted in time, a statement that
    /// takes too long, a deadlock, a serialization failure, an error in what it touches (classes XX, P0). Unlike other
    /// transient errors it says nothing about the database as a whole.
    public var isHoldUp: Bool {
        guard let sqlState else { return false }
        return ["55P03", "57014", "40P01", "40001", "40003"].contains(sqlState)
            || ["XX", "P0"].contains(String(sqlState.prefix(2)))
    }

    /// The schema, or a table or view in it, does not exist.
    var isMissingSchema: Bool { ["3F000", "42P01"].contains(sqlState) }

    public var description: String {
        "database: \(message)" + (sqlState.map { " (SQLSTATE \($0))" } ?? "")
    }

    init(sqlState: String? = nil, message: String, constraint: String? = nil) {
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
    }

    /// The error of a failed result; without a result, of the connection, over which libpq could not even send.
    init(result: OpaquePointer?, connection: OpaquePointer?) {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue!)).map { String(cString: $0) }
        }
        sqlState = field("C")
        constraint = field("n")
        if sqlState?.hasPrefix("22") == true {
            message = "a value does not fit its column"  // These messages quote the value.
        } else {
            message = field("M") ?? Self.lines(of: PQerrorMessage(connection)).joined(separator: "; ")
        }
    }

    /// Why the connection failed: libpq has a line for each server that it tried.
    static func unreachable(_ connection: OpaquePointer?, _ passwords: borrowing PasswordFile) -> DatabaseError {
        var attempts: [String] = []
        for line in lines(of: PQerrorMessage(connection)) where !line.hasPrefix("Is the server running") {
            attempts.append(passwords.named(line))
        }
        let advice =
            PQconnectionNeedsPassword(connection) == 1
            ? passwords.advice : "check that PostgreSQL runs and that the connection string names it"
        return DatabaseError(message: "no connection (\(attempts.joined(separator: "; "))); \(advice)")
    }

    private static func lines(of text: UnsafePointer<CChar>?) -> [String] {
        guard let text else { return [] }
        return String(cString: text).split(separator: "\n").map { line in
            String(line.drop { $0 == "\t" || $0 == " " })
        }
    }
}
