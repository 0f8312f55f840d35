/// A parameter of a statement, in PostgreSQL's binary format.
struct Parameter {
    /// The object id of its type.
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
}
