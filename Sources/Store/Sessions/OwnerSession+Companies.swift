public import Core

extension OwnerSession {
    /// Adds a company with its first marker key and index key, 32 random bytes each. Domains are in lower case; there
    /// must be at least one.
    public func addCompany(
        name: String, provider: MailProvider, sync: SyncLevel, domains: [String], capture: CaptureMode = .store,
        forwardTo: ForwardAddress? = nil, markerKey: [UInt8], indexKey: [UInt8]
    ) throws -> CompanyRecord {
        precondition(!domains.isEmpty)
        return try changingCompany(named: name) {
            let company = try connection.query(
                """
                INSERT INTO lever.company (name, provider, sync, capture, forward_to, full_sync_ready_at)
                VALUES (\(name), \(provider), \(sync), \(capture), \(forwardTo?.text),
                    CASE \(sync) WHEN 'full' THEN now() END)
                RETURNING company_id
                """
            ).single.decode(CompanyID.self)
            try addDomains(domains, to: company)
            try connection.query(
                """
                INSERT INTO lever.company_secret (company_id, kind, version, secret, state)
                VALUES (\(company), 'marker', 1, \(markerKey), 'primary'), (\(company), 'index', 1, \(indexKey), 'primary')
                """)
            try audit("company", "added, sync \(sync.rawValue), capture \(capture.rawValue)", of: company)
            return try CompanyRecord.find(company.description, connection)
        }
    }

    public func change(_ company: CompanyID, _ change: CompanyChange) throws -> CompanyRecord {
        try changingCompany(named: change.name ?? "") {
            let retention: Query = change.retentionDays.map { "nullif(\(Int32($0)), 0)" } ?? "retention_days"
            let delimiter: Query = change.recipientDelimiter.map { "nullif(\($0), '')" } ?? "recipient_delimiter"
            let markerDays: Query = change.markerDays.map { "nullif(\(Int32($0)), 0)" } ?? "marker_days"
            let fullSync: Query =
                switch (change.isFullSyncReady, change.sync) {
                case (false, _): "NULL"
                case (true, _), (_, .full): "coalesce(full_sync_ready_at, now())"
                default: "full_sync_ready_at"
                }
            try connection.query(
                """
                UPDATE lever.company
                SET name = coalesce(\(change.name), name), provider = coalesce(\(change.provider), provider),
                    sync = coalesce(\(change.sync), sync), full_sync_ready_at = \(fullSync),
                    retention_days = \(retention),
                    delivery_days = coalesce(\(change.deliveryDays.map(Int32.init)), delivery_days),
                    recipient_delimiter = \(delimiter), marker_days = \(markerDays),
                    stamp = coalesce(\(change.stamps), stamp),
                    unsigned_markers = coalesce(\(change.unsignedMarkers), unsigned_markers)
                WHERE company_id = \(company)
                """)
            try changeCapture(of: company, change)
            for domain in change.removedDomains {
                let removed = try connection.query(
                    "DELETE FROM lever.company_domain WHERE company_id = \(company) AND domain = \(domain) RETURNING domain"
                )
                guard !removed.isEmpty else { throw StoreError.domainNotOfCompany(domain) }
            }
            try addDomains(change.addedDomains, to: company)
            try audit("company", change.summary, of: company)
            let changed = try CompanyRecord.find(company.description, connection)
            guard !changed.domains.isEmpty else { throw StoreError.lastDomain }
            return changed
        }
    }

    private func changeCapture(of company: CompanyID, _ change: CompanyChange) throws(DatabaseError) {
        guard change.capture != nil || change.forward != nil else { return }
        // Without an address a company that stores and forwards goes on storing.
        let (capture, address): (Query, Query) =
            switch change.forward {
            case .to(let new): ("capture", "\(new.text)")
            case .nowhere: ("CASE capture WHEN 'store+forward' THEN 'store' ELSE capture END", "NULL")
            case nil: ("capture", "forward_to")
            }
        try connection.query(
            """
            UPDATE lever.company SET capture = coalesce(\(change.capture), \(capture)), forward_to = \(address)
            WHERE company_id = \(company)
            """)
    }

    private func addDomains(_ domains: [String], to company: CompanyID) throws(DatabaseError) {
        for domain in domains {
            try connection.query(
                """
                INSERT INTO lever.company_domain (company_id, domain) VALUES (\(company), \(domain))
                ON CONFLICT (company_id, domain) DO NOTHING
                """)
        }
    }

    /// One transaction. A violated constraint is thrown as the `StoreError` that it means.
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
}
