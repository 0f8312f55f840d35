import Core

/// Writes an array of a composite type in PostgreSQL's binary format, as array_recv and record_recv read it: the attributes
/// of one row after the other, in the type's order.
struct RowWriter {
    private var bytes: [UInt8]
    private(set) var count = 0
    /// Where the row at hand begins, and its attributes so far.
    private var row = 0
    private var fields: Int32 = 0

    /// Dimensions, whether there may be nulls, the element type, and for the one dimension the count and lower bound.
    private static let headerLength = 20

    init() {
        bytes = [UInt8](repeating: 0, count: Self.headerLength)
    }

    /// The array, whose elements have that type.
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

    /// The first row alone.
    func rowParameter(_ type: CompositeType) -> Parameter {
        precondition(count == 1)
        return Parameter(type: type.id, bytes: Array(bytes[(Self.headerLength + 4)...]))
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

    mutating func bigint(_ value: Int64?) { integer(value, type: 20) }
    mutating func integer(_ value: Int32?) { integer(value, type: 23) }
    mutating func smallint(_ value: Int16?) { integer(value, type: 21) }
    mutating func timestamp(_ value: Timestamp?) {
        integer(value.map { ($0.milliseconds - millisecondsTo2000) * 1000 }, type: 1184)
    }
    mutating func uuid(_ value: EntryID) { field(value.bytes, type: 2950) }
    mutating func bytea(_ value: [UInt8]?) { field(value, type: 17) }
    mutating func text(_ value: String?) { field(value.map { Array($0.utf8) }, type: 25) }
    mutating func byteaArray(_ items: [[UInt8]]?) { array(items, type: 1001, of: 17) }
    mutating func textArray(_ items: [String]?) { array(items?.map { Array($0.utf8) }, type: 1009, of: 25) }

    private mutating func integer<T: FixedWidthInteger>(_ value: T?, type: UInt32) {
        begin(type)
        guard let value else { return append(Int32(-1)) }
        append(Int32(T.bitWidth / 8))
        append(value)
    }

    private mutating func field(_ value: [UInt8]?, type: UInt32) {
        begin(type)
        item(value)
    }

    private mutating func array(_ items: [[UInt8]]?, type: UInt32, of element: UInt32) {
        begin(type)
        guard let items else { return append(Int32(-1)) }
        let start = bytes.count
        append(Int32(0))
        append(Int32(items.isEmpty ? 0 : 1))
        append(Int32(0))
        append(element)
        if !items.isEmpty {
            append(Int32(items.count))
            append(Int32(1))
            for value in items { item(value) }
        }
        replace(at: start, with: Int32(bytes.count - start - 4))
    }

    private mutating func begin(_ type: UInt32) {
        fields += 1
        append(type)
    }

    private mutating func item(_ value: [UInt8]?) {
        guard let value else { return append(Int32(-1)) }
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

/// The object ids of a composite type of ours, which each database numbers anew.
struct CompositeType {
    let id: UInt32
    let array: UInt32
}

extension Connection {
    func compositeType(_ name: String) throws(DatabaseError) -> CompositeType {
        let (id, array) = try query(
            "SELECT \(name)::regtype::oid::bigint, \("\(name)[]")::regtype::oid::bigint"
        ).single.decode((Int64, Int64).self)
        return CompositeType(id: UInt32(id), array: UInt32(array))
    }
}
