import Core

/// Whether Postfix rewrites addresses of other domains into a company's: milters are shown what the client wrote,
/// before canonical(5) and virtual(5) tables, so mail to such an address is no company's to the filter.
extension PostfixFindings {
    /// Domains that are asked for in tables that cannot be listed.
    private static let questionLimit = 8
    private static let nameLimit = 3
    /// Of all tables together: a directory server may be slow.
    private static let timeLimit = Duration.seconds(6)

    private static let parameters = [
        "virtual_alias_maps", "canonical_maps", "recipient_canonical_maps", "sender_canonical_maps",
    ]

    private struct Rewriting: Hashable {
        let from: String
        let company: CompanyID
        let domain: String
        let table: String
    }

    var aliases: Finding {
        guard let routing else {
            return .notChecked(.postfixAliases, "the daemon's copy of the routing cannot be read")
        }
        let deadline = ContinuousClock.now + Self.timeLimit
        var found: [Rewriting] = []
        var unlisted: [String] = []
        for parameter in Self.parameters {
            for table in PostfixSetup.words(setup.value(parameter, setup.localCleanups.first)).map(
                RewritingTable.init(name:))
            {
                let entries = ContinuousClock.now < deadline ? setup.list(table) : []
                if entries == nil || ContinuousClock.now >= deadline { unlisted.append(table.name) }
                for entry in entries ?? answers(of: table, until: deadline, routing) {
                    guard let target = target(of: entry, routing), let from = domain(of: entry, in: table, routing),
                        !found.contains(where: { $0.from == from })
                    else { continue }
                    found.append(
                        Rewriting(
                            from: from, company: target.company.id, domain: target.domain,
                            table: "\(parameter) (\(table.name))"))
                }
            }
        }
        if let first = found.first {
            let from = found.prefix(Self.nameLimit).map(\.from).joined(separator: ", ")
            let others = found.count > Self.nameLimit ? " and \(found.count - Self.nameLimit) more" : ""
            return .warning(
                .postfixAliases,
                "\(first.table) turns addresses in \(from)\(others) into ones in \(first.domain): the filter sees what "
                    + "the client wrote, so mail to those is not captured",
                do: "leverctl company set \(first.company) --add-domain "
                    + "\(first.from == Self.anyDomain ? "DOMAIN" : first.from), if all of that domain's mail is the "
                    + "company's; otherwise see docs/howto/postfix.md, 'Aliases'")
        }
        guard unlisted.isEmpty else {
            return .notChecked(
                .postfixAliases,
                "\(unlisted.joined(separator: ", ")) cannot be listed: look whether they turn addresses in other "
                    + "domains into a company's (docs/howto/postfix.md, 'Aliases')")
        }
        return .ok(.postfixAliases, "no table turns addresses in other domains into a company's")
    }

    /// The company's address that a table puts in another's place.
    private func target(
        of entry: RewritingTable.Entry, _ routing: Routing
    ) -> (company: Routing.Company, domain: String)? {
        for address in entry.addresses {
            // Postfix completes an address without a domain.
            let domain = RewritingTable.domain(of: address) ?? setup.value("myorigin").lowercased()
            if let company = routing.company(domain: domain), company.sync == .limited { return (company, domain) }
        }
        return nil
    }

    /// The domain that is rewritten, unless it is a company's itself. A local part alone is one of this host's.
    private func domain(of entry: RewritingTable.Entry, in table: RewritingTable, _ routing: Routing) -> String? {
        let domain = RewritingTable.domain(of: entry.key)
        guard table.patternFile != nil else {
            return domain.flatMap { routing.company(domain: $0) == nil ? $0 : nil }
        }
        let isDomain = domain.map { $0.contains(".") && !$0.hasPrefix(".") } ?? false
        guard isDomain, let domain else { return Self.anyDomain }
        return routing.company(domain: domain) == nil ? domain : nil
    }

    private static let anyDomain = "other domains"

    /// What a table says of the domains that main.cf names beside the companies'.
    private func answers(
        of table: RewritingTable, until deadline: ContinuousClock.Instant, _ routing: Routing
    ) -> [RewritingTable.Entry] {
        let lists = ["virtual_alias_domains", "virtual_mailbox_domains", "relay_domains", "mydestination"]
        var domains: [String] = []
        for domain in lists.flatMap({ PostfixSetup.words(setup.value($0)) })
        where domain.contains(".") && !domain.contains(":") && !domain.contains("/") {
            if routing.company(domain: domain.lowercased()) == nil, !domains.contains(domain) { domains.append(domain) }
        }
        return domains.prefix(Self.questionLimit).compactMap { domain in
            guard ContinuousClock.now < deadline else { return nil }
            return setup.lookUp(table.name, "@\(domain)").flatMap {
                $0.isEmpty ? nil : RewritingTable.Entry(key: "@\(domain)", value: $0)
            }
        }
    }
}
