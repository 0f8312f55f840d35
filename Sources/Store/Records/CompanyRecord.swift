public import Core

/// A company, the tenant, as the database has it.
public struct CompanyRecord: Hashable, Sendable {
    public let id: CompanyID
    public let name: String
    public let provider: MailProvider
    public let sync: SyncLevel
    /// In lower case, sorted.
    public let domains: [String]
    public let createdAt: Timestamp
    /// Days that messages are kept; nil is no limit.
    public let retentionDays: Int?
    /// Days that rows of the delivery log are kept, at most as long as messages.
    public let deliveryDays: Int
    public let capture: CaptureMode
    /// The destination of modes that forward.
    public let forwardAddress: String?
    /// Outgoing messages with X-Lever-Thread get its marker added to References.
    public let stamps: Bool
    public let unsignedMarkers: UnsignedMarkerPolicy
    /// What begins an extension in addresses of the company's own domains.
    public let recipientDelimiters: RecipientDelimiters?
    /// Days after which a thread takes no further mail; nil is no limit.
    public let markerDays: Int?
    /// Full sync is set up, so the company may choose it.
    public let isFullSyncReady: Bool
}

extension CompanyRecord {
    /// The address that mail to this one is delivered to, as `Routing.Company.base`.
    public func base(_ address: Address) -> Address {
        guard let recipientDelimiters, address.isAt(Set(domains)) else { return address }
        return recipientDelimiters.base(of: address)
    }

    /// Every company that the login sees, sorted by name.
    static func all(_ connection: Connection) throws(DatabaseError) -> [CompanyRecord] {
        try connection.query("\(query) ORDER BY c.name").map(CompanyRecord.init)
    }

    /// The company of this id or name, in whatever case. Throws `StoreError.unknownCompany` or `ambiguousCompany`.
    static func find(_ nameOrID: String, _ connection: Connection) throws -> CompanyRecord {
        let rows = try connection.query("\(query) WHERE c.name = \(nameOrID) OR c.company_id = \(Int64(nameOrID))")
        if let row = rows.first { return CompanyRecord(row) }
        return try CompanyName.find(nameOrID, among: all(connection).map { ($0.id, $0.name, $0) })
    }

    private static let query: Query = """
        SELECT c.company_id, c.name, c.provider, c.sync, c.created_at, c.retention_days::bigint, c.delivery_days::bigint,
            ARRAY(SELECT d.domain FROM lever.company_domain AS d
                WHERE d.company_id = c.company_id ORDER BY d.domain) AS domains,
            c.capture, c.forward_to, c.stamp, c.unsigned_markers, c.full_sync_ready_at IS NOT NULL AS is_full_sync_ready,
            c.recipient_delimiter, c.marker_days::bigint
        FROM lever.company AS c
        """

    private init(_ row: Rows.Row) {
        id = row["company_id"]
        name = row["name"]
        provider = row["provider"]
        sync = row["sync"]
        createdAt = row["created_at"]
        retentionDays = row["retention_days"]
        deliveryDays = row["delivery_days"]
        domains = row["domains"]
        capture = row["capture"]
        forwardAddress = row["forward_to"]
        stamps = row["stamp"]
        unsignedMarkers = row["unsigned_markers"]
        isFullSyncReady = row["is_full_sync_ready"]
        recipientDelimiters = (row["recipient_delimiter"] as String?).flatMap(RecipientDelimiters.init)
        markerDays = row["marker_days"]
    }
}
