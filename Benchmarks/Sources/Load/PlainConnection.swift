import CLibpq
import TestSupport

/// A bare connection to PostgreSQL, as a program that only inserts would use it. For one thread.
final class PlainConnection {
    private let handle: OpaquePointer

    init(_ conninfo: String) throws {
        handle = PQconnectdb(conninfo)
        guard PQstatus(handle) == CONNECTION_OK else { throw error("connect") }
        // A prepared statement is planned once, which suits plain inserts.
        try execute("SET plan_cache_mode = force_generic_plan")
    }

    deinit { PQfinish(handle) }

    func execute(_ statement: String) throws {
        let result = PQexec(handle, statement)
        defer { PQclear(result) }
        try check(result)
    }

    /// Runs a query; results are in binary format.
    func rows(_ statement: String) throws -> PlainRows {
        let result = PQexecParams(handle, statement, 0, nil, nil, nil, nil, 1)
        do { try check(result) } catch {
            PQclear(result)
            throw error
        }
        return PlainRows(result!)
    }

    /// Prepares an insert of `count` rows with these columns.
    func prepareInsert(_ name: String, into table: String, like rows: PlainRows, count: Int) throws {
        var parameter = 0
        let values = (0..<count).map { _ in
            "("
                + rows.types.map { _ in
                    parameter += 1
                    return "$\(parameter)"
                }.joined(separator: ",") + ")"
        }
        let types = (0..<count).flatMap { _ in rows.types }
        let statement =
            "INSERT INTO \(table) (\(rows.names.joined(separator: ", "))) VALUES \(values.joined(separator: ","))"
        let result = PQprepare(handle, name, statement, Int32(types.count), types)
        defer { PQclear(result) }
        try check(result)
    }

    /// Runs a prepared insert with a range of rows.
    func insert(_ name: String, _ range: Range<Int>, of rows: PlainRows) throws {
        let values = rows.values(range)
        let formats = [Int32](repeating: 1, count: values.count)
        let result = PQexecPrepared(
            handle, name, Int32(values.count), values.map(\.0), values.map(\.1), formats, 0)
        defer { PQclear(result) }
        try check(result)
    }

    private func check(_ result: OpaquePointer?) throws {
        guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else { throw error("query") }
    }

    private func error(_ what: String) -> HarnessError {
        HarnessError("PostgreSQL: \(what): \(String(cString: PQerrorMessage(handle)))")
    }
}

/// A query's result. Owns the PGresult.
final class PlainRows {
    private let result: OpaquePointer
    let names: [String]
    /// Object ids of the columns' types.
    let types: [Oid]
    let count: Int

    fileprivate init(_ result: OpaquePointer) {
        self.result = result
        let columns = 0..<PQnfields(result)
        names = columns.map { String(cString: PQfname(result, $0)) }
        types = columns.map { PQftype(result, $0) }
        count = Int(PQntuples(result))
    }

    deinit { PQclear(result) }

    fileprivate func values(_ range: Range<Int>) -> [(UnsafePointer<CChar>?, Int32)] {
        range.flatMap { row in
            types.indices.map { column in
                let (row, column) = (Int32(row), Int32(column))
                guard PQgetisnull(result, row, column) == 0 else { return (nil, 0) }
                return (UnsafePointer(PQgetvalue(result, row, column)), PQgetlength(result, row, column))
            }
        }
    }
}
