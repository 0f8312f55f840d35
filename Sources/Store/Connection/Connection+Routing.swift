import Core

extension Connection {
    /// What a mail host may see of companies, in no order.
    func routing() throws(DatabaseError) -> [Routing.Row] {
        try query("SELECT company_id, item, name, version, value FROM lever.routing").compactMap { row in
            // An item that a later schema added means nothing to this program.
            guard let item = Routing.Row.Item(rawValue: row["item"]) else { return nil }
            return Routing.Row(
                company: row["company_id"], item: item, name: row["name"], version: row["version"], value: row["value"])
        }
    }
}
