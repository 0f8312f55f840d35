/// The object ids of a composite type of the schema, which differ from database to database.
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
