import CLibpq

/// What PostgreSQL or the way to it refused. Says no more than the primary message: the server's detail, hint and
/// context may quote values.
public struct DatabaseError: Error, CustomStringConvertible, Sendable {
    /// The five characters of SQLSTATE; nil where the server was not reached or the connection broke.
    public let sqlState: String?
    /// One line.
    public let message: String
    /// The name of the constraint that was violated.
    public let constraint: String?

    /// True if the same request may succeed later. Unknown states are.
    ///
    /// Final are values that can't be stored (class 22), violated constraints (23), exceeded limits of the program (54)
    /// and what the ingest function itself refuses (LV001).
    public var isTransient: Bool {
        guard let sqlState else { return true }
        return !["22", "23", "54", "LV"].contains(String(sqlState.prefix(2)))
    }

    /// The schema, or a table or view of it, is not there.
    var isMissingSchema: Bool { ["3F000", "42P01"].contains(sqlState) }

    public var description: String {
        "database: \(message)" + (sqlState.map { " (SQLSTATE \($0))" } ?? "")
    }

    init(sqlState: String? = nil, message: String, constraint: String? = nil) {
        self.sqlState = sqlState
        self.message = message
        self.constraint = constraint
    }

    /// Takes the error out of a failed result; without one, libpq could not even send.
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

    /// Why no connection came to be: a line for each server that was tried.
    static func unreachable(_ connection: OpaquePointer?) -> DatabaseError {
        let attempts = lines(of: PQerrorMessage(connection)).filter { !$0.hasPrefix("Is the server running") }
        return DatabaseError(
            message: "no connection (\(attempts.joined(separator: "; "))); check that PostgreSQL runs and that the "
                + "connection string names it")
    }

    private static func lines(of text: UnsafePointer<CChar>?) -> [String] {
        guard let text else { return [] }
        return String(cString: text).split(separator: "\n").map { line in
            String(line.drop { $0 == "\t" || $0 == " " })
        }
    }
}
