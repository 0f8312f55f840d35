import Core

/// A value on its way to the server, in PostgreSQL's binary format.
struct Parameter {
    /// The type's object id, fixed in PostgreSQL's catalogue (pg_type.dat).
    let type: UInt32
    /// Nil is NULL.
    let bytes: [UInt8]?

    init(type: UInt32, bytes: [UInt8]?) {
        self.type = type
        self.bytes = bytes
    }

    init<Value: SQLValue>(_ value: Value) {
        self.init(type: Value.sqlType.rawValue, bytes: value.sqlBytes)
    }

    static func bigint(_ value: Int64?) -> Parameter { Parameter(type: 20, bytes: value.map(bigEndian)) }
    static func integer(_ value: Int32?) -> Parameter { Parameter(type: 23, bytes: value.map(bigEndian)) }
    static func smallint(_ value: Int16?) -> Parameter { Parameter(type: 21, bytes: value.map(bigEndian)) }
    static func text(_ value: String?) -> Parameter { Parameter(type: 25, bytes: value.map { Array($0.utf8) }) }
    static func bytea(_ value: [UInt8]?) -> Parameter { Parameter(type: 17, bytes: value) }
    static func uuid(_ value: EntryID?) -> Parameter { Parameter(type: 2950, bytes: value?.bytes) }
    static func timestamp(_ value: Timestamp?) -> Parameter {
        Parameter(type: 1184, bytes: value.map { bigEndian(($0.milliseconds - millisecondsTo2000) * 1000) })
    }

    /// An array of one dimension: its number, whether there may be nulls, the type of the elements, their count, the
    /// lower bound, and each element with its length, -1 for NULL.
    static func array(_ elements: [Parameter], of element: ElementType) -> Parameter {
        var writer = ByteWriter()
        writer.integer(Int32(1))
        writer.integer(Int32(1))
        writer.integer(element.rawValue)
        writer.integer(Int32(elements.count))
        writer.integer(Int32(1))
        for parameter in elements {
            precondition(parameter.type == element.rawValue)
            guard let bytes = parameter.bytes else {
                writer.integer(Int32(-1))
                continue
            }
            writer.lengthPrefixed(bytes)
        }
        return Parameter(type: element.arrayType, bytes: writer.bytes)
    }

    enum ElementType: UInt32 {
        case bytea = 17, bigint = 20, smallint = 21, integer = 23, text = 25, timestamp = 1184, uuid = 2950

        var arrayType: UInt32 {
            switch self {
            case .bytea: 1001
            case .bigint: 1016
            case .smallint: 1005
            case .integer: 1007
            case .text: 1009
            case .timestamp: 1185
            case .uuid: 2951
            }
        }
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

/// PostgreSQL counts microseconds from 2000-01-01T00:00:00Z.
let millisecondsTo2000: Int64 = 946_684_800_000
