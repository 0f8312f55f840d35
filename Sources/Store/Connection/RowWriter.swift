import Core

/// Writes an array of a composite type in PostgreSQL's binary format, as array_recv and record_recv read it: row by row,
/// the attributes of each in the type's order.
struct RowWriter {
    private var bytes: [UInt8]
    private(set) var count = 0
    /// Where the current row begins, and the number of its attributes so far.
    private var row = 0
    private var fields: Int32 = 0

    /// Dimensions, whether there may be nulls, the element type, and for the one dimension the count and lower bound.
    private static let headerLength = 20

    init() {
        bytes = [UInt8](repeating: 0, count: Self.headerLength)
    }

    /// The array of all rows.
    func parameter(_ type: CompositeType) -> Parameter {
        var bytes = bytes
        var header = ByteWriter()
        header.integer(Int32(1))
        header.integer(Int32(1))
        header.integer(type.id)
        header.integer(Int32(count))
        header.integer(Int32(1))
        bytes.replaceSubrange(..<Self.headerLength, with: header.bytes)
        return Parameter(type: type.array, bytes: bytes)
    }

    mutating func beginRow() {
        row = bytes.count
        fields = 0
        append(Int32(0))
        append(fields)
    }

    mutating func endRow() {
        replace(at: row, with: Int32(bytes.count - row - 4))
        replace(at: row + 4, with: fields)
        count += 1
    }

    /// The next attribute of the row: its type, its length or -1 for NULL, and its bytes.
    mutating func add<Value: SQLValue>(_ value: Value) {
        fields += 1
        append(Value.sqlType.rawValue)
        guard let value = value.sqlBytes else { return append(Int32(-1)) }
        append(Int32(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func replace(at offset: Int, with value: Int32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
    }
}
