import Core

/// A company as somebody types it: its id, its name, or its name in another case.
enum CompanyName {
    /// The one that is meant, of those that the login sees. An id or the exact name counts first, so that two names
    /// that differ in case alone can both be given. Throws `StoreError.unknownCompany` or `ambiguousCompany`.
    static func find<Company>(
        _ nameOrID: String, among companies: [(id: CompanyID, name: String, company: Company)]
    ) throws(StoreError) -> Company {
        if let exact = companies.first(where: { $0.name == nameOrID || $0.id.description == nameOrID }) {
            return exact.company
        }
        let folded = nameOrID.lowercased()
        let found = companies.filter { $0.name.lowercased() == folded }
        guard found.count < 2 else {
            throw .ambiguousCompany(nameOrID, found.map(\.name).sorted())
        }
        guard let only = found.first else {
            let likely = Spelling.closest(to: nameOrID, among: companies.map(\.name))
            throw .unknownCompany(nameOrID, likely: likely.count > 4 ? [] : likely)
        }
        return only.company
    }
}
