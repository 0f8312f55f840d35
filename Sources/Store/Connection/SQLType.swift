/// The types of PostgreSQL that our statements take and give, by their object ids, which are fixed (pg_type.dat).
enum SQLType: UInt32 {
    case boolean = 16, bytea = 17, bigint = 20, smallint = 21, integer = 23, text = 25, timestamp = 1184, uuid = 2950
    case booleanArray = 1000, byteaArray = 1001, bigintArray = 1016, smallintArray = 1005, integerArray = 1007
    case textArray = 1009, timestampArray = 1185, uuidArray = 2951

    /// The type of an array of these. An array of arrays is a bug of ours.
    var array: SQLType {
        switch self {
        case .boolean: .booleanArray
        case .bytea: .byteaArray
        case .bigint: .bigintArray
        case .smallint: .smallintArray
        case .integer: .integerArray
        case .text: .textArray
        case .timestamp: .timestampArray
        case .uuid: .uuidArray
        case .booleanArray, .byteaArray, .bigintArray, .smallintArray, .integerArray, .textArray, .timestampArray,
            .uuidArray:
            preconditionFailure("\(self) has no array type")
        }
    }
}
