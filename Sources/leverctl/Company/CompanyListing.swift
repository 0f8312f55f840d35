import Store

/// A company as `company add`, `set` and `list` show it.
struct CompanyListing: Encodable {
    let id: Int64
    let name: String
    let domains: [String]
    let provider: String
    let sync: String
    let createdAt: String
    /// Missing if messages are kept without limit.
    let retentionDays: Int?
    let deliveryDays: Int
    let capture: String
    let forwardTo: String?
    let stamp: Bool
    let unsignedMarkers: String
    let fullSyncReady: Bool
    /// Missing if addresses have no extensions.
    let recipientDelimiter: String?
    /// Days; missing if markers live without limit.
    let markerLifetime: Int?

    init(_ company: CompanyRecord) {
        id = company.id.rawValue
        name = company.name
        domains = company.domains
        provider = company.provider.rawValue
        sync = company.sync.rawValue
        createdAt = company.createdAt.description
        retentionDays = company.retentionDays
        deliveryDays = company.deliveryDays
        capture = company.capture.rawValue
        forwardTo = company.forwardAddress
        stamp = company.stamps
        unsignedMarkers = company.unsignedMarkers.rawValue
        fullSyncReady = company.isFullSyncReady
        recipientDelimiter = company.recipientDelimiters?.text
        markerLifetime = company.markerDays
    }
}

extension [CompanyListing] {
    func printAsTable(on screen: Screen) {
        screen.printTable(
            ["ID", "NAME", "SYNC", "CAPTURE", "FORWARD TO", "PROVIDER", "KEEPS", "LOG", "DOMAINS"],
            map { company in
                [
                    "\(company.id)", company.name, company.sync, company.capture, company.forwardTo ?? "-",
                    company.provider, company.retentionDays.map { counted($0, "day") } ?? "forever",
                    counted(company.deliveryDays, "day"), company.domains.joined(separator: " "),
                ]
            })
    }
}
