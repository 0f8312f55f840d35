import CLibpq
import Core

/// What a query returned, in PostgreSQL's binary format. Owns the PGresult.
///
/// Reading a column as another type than the query gives it is a bug of ours and stops the program.
final class Rows: RandomAccessCollection {
    let result: OpaquePointer

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

    /// One row. Columns are counted from 0.
    struct Row {
        fileprivate let rows: Rows
        fileprivate let index: Int32

        func isNull(_ column: Int32) -> Bool { PQgetisnull(rows.result, index, column) == 1 }

        func bigint(_ column: Int32) -> Int64 { integer(column) }
        func smallint(_ column: Int32) -> Int16 { integer(column) }
        func boolean(_ column: Int32) -> Bool { integer(column) as Int8 != 0 }
        func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
        func bytea(_ column: Int32) -> [UInt8] { Array(bytes(column)) }
        func uuid(_ column: Int32) -> EntryID { EntryID(bytes: bytea(column))! }
        func timestamp(_ column: Int32) -> Timestamp {
            Timestamp(milliseconds: bigint(column) / 1000 + millisecondsTo2000)
        }

        /// An array of one dimension without nulls, of bytea, text or boolean (a byte each).
        func array(_ column: Int32) -> [[UInt8]] {
            var reader = ByteReader(bytea(column))
            do {
                guard try reader.integer(Int32.self) > 0 else { return [] }
                _ = try reader.raw(8)  // Whether there may be nulls, and the type of the elements.
                let count = try reader.integer(Int32.self)
                _ = try reader.raw(4)  // The lower bound.
                return try (0..<count).map { _ throws(ByteReader.Malformed) in try reader.lengthPrefixed() }
            } catch {
                preconditionFailure("column \(column) is not an array")
            }
        }

        private func integer<T: FixedWidthInteger>(_ column: Int32) -> T {
            let bytes = bytes(column)
            precondition(bytes.count == MemoryLayout<T>.size, "column \(column) is of another type")
            return T(bigEndian: bytes.loadUnaligned(as: T.self))
        }

        /// Valid as long as `rows` is.
        private func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
            precondition(!isNull(column), "column \(column) is NULL")
            return UnsafeRawBufferPointer(
                start: PQgetvalue(rows.result, index, column), count: Int(PQgetlength(rows.result, index, column)))
        }
    }
}
