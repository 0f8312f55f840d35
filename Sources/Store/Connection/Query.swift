/// A statement with its parameters. What is interpolated is a parameter and never part of the SQL:
///
///     try connection.query("SELECT name FROM lever.company WHERE company_id = \(company)")
///
/// An interpolated `Query` is put in its place with its parameters, and `\(unescaped: name)` puts SQL there that is not
/// in the source as a literal: names of tables and columns, never what came from outside.
struct Query: ExpressibleByStringInterpolation {
    /// The SQL around the parameters: one more than there are parameters.
    private var pieces: [String]
    private(set) var parameters: [Parameter]

    init(stringLiteral sql: String) {
        self.init(unescaped: sql)
    }

    init(unescaped sql: String) {
        pieces = [sql]
        parameters = []
    }

    init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.query
    }

    /// With `$1`, `$2` and so on where parameters go.
    var sql: String {
        var sql = pieces[0]
        for (index, piece) in pieces.dropFirst().enumerated() { sql += "$\(index + 1)\(piece)" }
        return sql
    }

    private mutating func append(_ sql: String) {
        pieces[pieces.count - 1] += sql
    }

    private mutating func append(_ parameter: Parameter) {
        parameters.append(parameter)
        pieces.append("")
    }

    private mutating func append(_ query: Query) {
        append(query.pieces[0])
        pieces += query.pieces.dropFirst()
        parameters += query.parameters
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var query = Query(unescaped: "")

        init(literalCapacity: Int, interpolationCount: Int) {
            query.pieces.reserveCapacity(interpolationCount + 1)
            query.parameters.reserveCapacity(interpolationCount)
        }

        mutating func appendLiteral(_ sql: String) { query.append(sql) }
        mutating func appendInterpolation(_ value: some SQLValue) { query.append(Parameter(value)) }
        mutating func appendInterpolation(_ value: (some SQLValue)?) { query.append(Parameter(value)) }
        mutating func appendInterpolation(_ parameter: Parameter) { query.append(parameter) }
        mutating func appendInterpolation(_ query: Query) { self.query.append(query) }
        mutating func appendInterpolation(unescaped sql: String) { query.append(sql) }
    }
}
