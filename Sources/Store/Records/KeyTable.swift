/// Where keys of one kind are stored: sealing keys in a table of their own, marker and index keys in one together.
struct KeyTable {
    let name: Query
    /// Restricts the table to the kind.
    let condition: Query
    /// A key's name for people: its id in hexadecimal, or its version.
    let key: Query
    let purpose: Query

    init(_ kind: KeyKind) {
        if kind == .sealing {
            (name, condition, key, purpose) = ("lever.sealing_key", "true", "encode(key_id, 'hex')", "purpose")
        } else {
            (name, condition, key, purpose) = (
                "lever.company_secret", "kind = \(kind)", "version::text", "'reader'::text"
            )
        }
    }
}
