import Core
import Store

/// Where a host's learned ids come from: a database, and the companies whose mail is in it.
struct LearnedThreadsOrigin: Equatable {
    struct Company: Hashable {
        var id: CompanyID
        /// Its candidates' addresses are known too.
        var takesUnsignedMarkers: Bool
    }

    /// Empty if the login may not see which database it is.
    private let database: String
    let companies: Set<Company>

    init(_ connection: IngestSession, _ routing: Routing) throws {
        database = try connection.history().map { "\($0.system) \($0.database) \($0.timeline) \($0.table)" } ?? ""
        companies = Set(
            routing.companies.filter { $0.sync == .limited }
                .map { Company(id: $0.id, takesUnsignedMarkers: $0.unsignedMarkers == .known) })
    }

    /// Reads `text`. Malformed text is of no database.
    init(_ text: String) {
        let parts = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        database = String(parts[0])
        companies = Set(
            (parts.count > 1 ? parts[1] : "").split(separator: ",").compactMap { word in
                let takes = word.hasSuffix("+")
                return Int64(takes ? word.dropLast() : word).map {
                    Company(id: CompanyID(rawValue: $0), takesUnsignedMarkers: takes)
                }
            })
    }

    /// The database, a semicolon, and the companies separated by commas; those that accept unsigned markers have a `+`.
    var text: String {
        let words = companies.sorted { $0.id.rawValue < $1.id.rawValue }
            .map { "\($0.id)\($0.takesUnsignedMarkers ? "+" : "")" }
        return "\(database);\(words.joined(separator: ","))"
    }

    /// False if either is unknown.
    func isSameDatabase(as other: LearnedThreadsOrigin) -> Bool { !database.isEmpty && database == other.database }
}
