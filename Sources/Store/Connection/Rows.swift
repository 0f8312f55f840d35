import CLibpq

/// What a query returned, in PostgreSQL's binary format. Owns the PGresult. For one thread.
///
/// A column that is not there, is of another type, or is NULL where the caller rules that out is a bug of ours and
/// stops the program.
final class Rows: RandomAccessCollection {
    let result: OpaquePointer
    /// Columns that were asked for by name.
    private var positions: [(name: UnsafePointer<UInt8>, position: Int32)] = []

    init(owning result: OpaquePointer) {
        self.result = result
    }

    deinit { PQclear(result) }

    /// False for what the server could not do.
    var isComplete: Bool {
        [PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY].contains(PQresultStatus(result))
    }

    var startIndex: Int { 0 }
    var endIndex: Int { Int(PQntuples(result)) }
    subscript(index: Int) -> Row { Row(rows: self, index: Int32(index)) }

    /// The row of a statement that always gives one.
    var single: Row {
        precondition(count == 1, "\(count) rows, where a query gives one")
        return self[0]
    }

    /// Every row's only column.
    func decode<Value: SQLValue>(_ type: Value.Type) -> [Value] {
        map { $0.decode(type) }
    }

    /// Every row's columns, in their order.
    func decode<each Value: SQLValue>(_ types: (repeat each Value).Type) -> [(repeat each Value)] {
        map { $0.decode(types) }
    }

    /// A name is looked up once in a result and not once in a row: after that its literal is known by its address.
    fileprivate func position(of name: StaticString) -> Int32 {
        for known in positions where known.name == name.utf8Start { return known.position }
        let position = PQfnumber(result, "\"\(name)\"")
        precondition(position >= 0, "the query gives no column \(name)")
        positions.append((name.utf8Start, position))
        return position
    }

    /// One row.
    struct Row {
        fileprivate let rows: Rows
        fileprivate let index: Int32

        subscript<Value: SQLValue>(_ name: StaticString) -> Value { value(rows.position(of: name)) }

        /// The only column.
        func decode<Value: SQLValue>(_: Value.Type) -> Value {
            requireColumns(1)
            return value(0)
        }

        /// The columns in their order.
        func decode<each Value: SQLValue>(_: (repeat each Value).Type) -> (repeat each Value) {
            var count: Int32 = 0
            func next<Next: SQLValue>(_: Next.Type) -> Next {
                defer { count += 1 }
                return value(count)
            }
            let values = (repeat next((each Value).self))
            requireColumns(count)
            return values
        }

        private func requireColumns(_ count: Int32) {
            let found = PQnfields(rows.result)
            precondition(found == count, "the query gives \(found) columns, and \(count) are read")
        }

        private func value<Value: SQLValue>(_ column: Int32) -> Value {
            var bytes: UnsafeRawBufferPointer?
            if PQgetisnull(rows.result, index, column) == 0 {
                bytes = UnsafeRawBufferPointer(
                    start: PQgetvalue(rows.result, index, column), count: Int(PQgetlength(rows.result, index, column)))
            }
            let type = PQftype(rows.result, column)
            guard type == Value.sqlType.rawValue, let value = Value.decode(bytes) else {
                let name = PQfname(rows.result, column).map { String(cString: $0) } ?? "\(column)"
                preconditionFailure(
                    "column \(name) is \(bytes == nil ? "NULL" : "of type \(type)"), and read as \(Value.self)")
            }
            return value
        }
    }
}
