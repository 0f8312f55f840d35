public import Core

/// What administrators do with companies, keys, candidates and threads, as the role lever_owner. For one thread.
///
/// Every function throws `StoreError` for what can't be done and `DatabaseError` for what the database refused. Each
/// works in one transaction.
public final class OwnerSession {
    let connection: Connection

    /// The login must be a member of lever_owner, and the schema of this program's version.
    public init(_ conninfo: String) throws {
        connection = try .open(conninfo, as: "lever_owner")
    }

    /// Works as lever_owner already.
    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Every company, in the order of names.
    public func companies() throws -> [CompanyRecord] {
        try CompanyRecord.all(connection)
    }

    /// The company of this name or id.
    public func company(_ nameOrID: String) throws -> CompanyRecord {
        try .find(nameOrID, connection)
    }

    /// What mail hosts decide by, in no order.
    public func routing() throws -> [Routing.Row] { try connection.routing() }

    /// A new company with its first marker key and index key, 32 random bytes each. Domains are given in lower case.
    public func addCompany(
        name: String, provider: MailProvider, sync: SyncLevel, domains: [String], capture: CaptureMode = .store,
        forwardTo: ForwardAddress? = nil, markerKey: [UInt8], indexKey: [UInt8]
    ) throws -> CompanyRecord {
        precondition(!domains.isEmpty)
        return try changingCompany(named: name) {
            let rows = try connection.query(
                """
                INSERT INTO lever.company (name, provider, sync, capture, forward_to, full_sync_ready_at)
                VALUES ($1, $2, $3, $4, $5, CASE $3 WHEN 'full' THEN now() END)
                RETURNING company_id
                """,
                .text(name), .text(provider.rawValue), .text(sync.rawValue), .text(capture.rawValue),
                .text(forwardTo?.text))
            let company = CompanyID(rawValue: rows[0].bigint(0))
            try addDomains(domains, to: company)
            try connection.query(
                """
                INSERT INTO lever.company_secret (company_id, kind, version, secret, state)
                VALUES ($1, 'marker', 1, $2, 'primary'), ($1, 'index', 1, $3, 'primary')
                """,
                .bigint(company.rawValue), .bytea(markerKey), .bytea(indexKey))
            try audit("company", "added, sync \(sync.rawValue), capture \(capture.rawValue)", of: company)
            return try CompanyRecord.find("\(company)", connection)
        }
    }

    /// What to change of a company; nil and empty leave it as it is.
    public struct CompanyChange: Sendable {
        public var name: String?
        public var provider: MailProvider?
        public var sync: SyncLevel?
        /// In lower case. One that the company has already, or does not have any more, is no mistake of `addedDomains`.
        public var addedDomains: [String] = []
        public var removedDomains: [String] = []
        /// Days that messages are kept; 0 for ever.
        public var retentionDays: Int?
        /// Days that rows of the delivery log are kept.
        public var deliveryDays: Int?
        public var capture: CaptureMode?
        public var forward: Forward?
        public var stamps: Bool?
        public var unsignedMarkers: UnsignedMarkerPolicy?
        /// Whether full sync is set up, so that the company may choose it. Who sets full sync says so.
        public var isFullSyncReady: Bool?

        public enum Forward: Sendable {
            case to(ForwardAddress)
            /// A company that stores and forwards stores on.
            case nowhere
        }

        public init() {}

        /// What is changed, for the audit; names, domains and addresses stay untold.
        var summary: String {
            [
                name.map { _ in "name" }, provider.map { "provider \($0.rawValue)" },
                sync.map { "sync \($0.rawValue)" },
                capture.map { "capture \($0.rawValue)" },
                forward.map { if case .to = $0 { "forward address" } else { "no forward address" } },
                stamps.map { $0 ? "stamps outgoing mail" : "no stamps" },
                isFullSyncReady.map { $0 ? "full sync set up" : "full sync not set up" },
                unsignedMarkers.map { "unsigned markers \($0.rawValue)" },
                retentionDays.map { $0 == 0 ? "kept for ever" : "kept \($0) days" },
                deliveryDays.map { "delivery log kept \($0) days" },
                addedDomains.isEmpty ? nil : "\(addedDomains.count) domains added",
                removedDomains.isEmpty ? nil : "\(removedDomains.count) domains removed",
            ].compactMap(\.self).joined(separator: ", ")
        }
    }

    public func change(_ company: CompanyID, _ change: CompanyChange) throws -> CompanyRecord {
        try changingCompany(named: change.name ?? "") {
            try connection.query(
                """
                UPDATE lever.company
                SET name = coalesce($2, name), provider = coalesce($3, provider), sync = coalesce($4, sync),
                    retention_days = CASE WHEN $5 IS NULL THEN retention_days ELSE nullif($5, 0) END,
                    delivery_days = coalesce($6, delivery_days),
                    stamp = CASE $7 WHEN 'on' THEN true WHEN 'off' THEN false ELSE stamp END,
                    unsigned_markers = coalesce($8, unsigned_markers),
                    full_sync_ready_at = CASE WHEN $9 = 'no' THEN NULL
                        WHEN $9 = 'yes' OR $4 = 'full' THEN coalesce(full_sync_ready_at, now())
                        ELSE full_sync_ready_at END
                WHERE company_id = $1
                """,
                .bigint(company.rawValue), .text(change.name), .text(change.provider?.rawValue),
                .text(change.sync?.rawValue), .integer(change.retentionDays.map(Int32.init)),
                .integer(change.deliveryDays.map(Int32.init)), .text(change.stamps.map { $0 ? "on" : "off" }),
                .text(change.unsignedMarkers?.rawValue), .text(change.isFullSyncReady.map { $0 ? "yes" : "no" }))
            try changeCapture(of: company, change)
            for domain in change.removedDomains {
                let removed = try connection.query(
                    "DELETE FROM lever.company_domain WHERE company_id = $1 AND domain = $2 RETURNING domain",
                    .bigint(company.rawValue), .text(domain))
                guard !removed.isEmpty else { throw StoreError.domainNotOfCompany(domain) }
            }
            try addDomains(change.addedDomains, to: company)
            try audit("company", change.summary, of: company)
            let changed = try CompanyRecord.find("\(company)", connection)
            guard !changed.domains.isEmpty else { throw StoreError.lastDomain }
            return changed
        }
    }

    private func changeCapture(of company: CompanyID, _ change: CompanyChange) throws(DatabaseError) {
        guard change.capture != nil || change.forward != nil else { return }
        let address: String? =
            switch change.forward {
            case .to(let new): new.text
            case .nowhere: ""
            case nil: nil
            }
        try connection.query(
            """
            UPDATE lever.company
            SET capture = coalesce($2, CASE WHEN $3 = '' AND capture = 'store+forward' THEN 'store' ELSE capture END),
                forward_to = CASE WHEN $3 IS NULL THEN forward_to ELSE nullif($3, '') END
            WHERE company_id = $1
            """,
            .bigint(company.rawValue), .text(change.capture?.rawValue), .text(address))
    }

    private func addDomains(_ domains: [String], to company: CompanyID) throws(DatabaseError) {
        for domain in domains {
            try connection.query(
                """
                INSERT INTO lever.company_domain (company_id, domain) VALUES ($1, $2)
                ON CONFLICT (company_id, domain) DO NOTHING
                """,
                .bigint(company.rawValue), .text(domain))
        }
    }

    /// One transaction, whose violated constraints are told as what they mean.
    private func changingCompany(named name: String, _ body: () throws -> CompanyRecord) throws -> CompanyRecord {
        do {
            return try connection.transaction(body)
        } catch let error as DatabaseError {
            switch error.constraint {
            case "company_name_unique": throw StoreError.companyNameTaken(name)
            case "company_name_check": throw StoreError.companyNameMalformed
            case "company_domain_unique": throw StoreError.domainTaken
            case "company_exchange_has_no_limited_sync": throw StoreError.exchangeHasNoLimitedSync
            case "company_full_sync_is_ready": throw StoreError.fullSyncInUse
            case "company_forward_has_address": throw StoreError.noForwardAddress
            case "company_forwards_outside": throw StoreError.forwardInside
            case "company_domain_is_no_forward": throw StoreError.forwardDomain
            default: throw error
            }
        }
    }

    /// Writes what an administrator did into the company's audit, in the transaction at hand.
    func audit(_ action: String, _ reason: String, of company: CompanyID) throws {
        try connection.actFor(company)
        try connection.query(
            "SELECT lever.append_audit($1, true, NULL, NULL, NULL, $2)", .text(action), .text(reason))
    }
}
