/// Whether Authentication-Results mean anything: nobody outside can have written them, and somebody here does.
extension PostfixFindings {
    var results: [Finding] { headerChecks + authenticationFilters }

    /// Forms of one field that all name the authserv-id, as senders try them.
    private static func forgeries(_ id: String) -> [String] {
        [
            "Authentication-Results: \(id); dmarc=pass header.from=forged.invalid",
            "Authentication-Results: \(id); dkim=pass header.d=forged.invalid; ;",
            "AUTHENTICATION-results:\(id.uppercased()) 1; none", "Authentication-Results :\t\"\(id)\";spf=pass",
            "Authentication-Results:\n (x\n\ty) \(id)\n ;\n dmarc=pass", "Authentication-Results: \(id)",
        ]
    }

    /// Smtpd services whose mail comes from anywhere and passes this filter.
    private var receiving: [PostfixSetup.Service] {
        smtpdServices.filter { hasFilter($0) && !isBehindContentFilter($0) }
    }

    private var headerChecks: [Finding] {
        let ids = settings.authservIDs
        guard !ids.isEmpty else { return [.ok(.postfixHeaderChecks, "no host's results count ('authserv_ids')")] }
        let options = "receive_override_options"
        let unchecked = receiving.filter { setup.options(options, $0).contains("no_header_body_checks") }
        let open = receiving.filter { service in
            !unchecked.contains(service)
                && !ids.allSatisfy { Self.forgeries($0).allSatisfy { drops($0, service) } }
        }
        let findings =
            places(options, unchecked).map { place in
                let rest = setup.options(options, unchecked.first { $0.name == place.services[0] })
                    .filter { $0 != "no_header_body_checks" }
                return Finding.warning(
                    .postfixHeaderChecks,
                    "\(place.services.joined(separator: ", ")) has no_header_body_checks: Authentication-Results that "
                        + "senders write into their mail are believed",
                    do: place.setting(rest.joined(separator: ",")))
            }
            + cleanups(of: open).map { cleanup, services in
                let patterns = ids.map {
                    "'/^Authentication-Results[[:space:]]*:.*\($0.replacing(".", with: "\\."))/ IGNORE'"
                }
                let place = places("header_checks", cleanup.map { [$0] } ?? []).first
                let rest = PostfixSetup.words(setup.value("header_checks", cleanup)).filter { $0 != Self.table }
                return .warning(
                    .postfixHeaderChecks,
                    "header_checks of \(services.joined(separator: ", ")) let Authentication-Results of "
                        + "\(ids.joined(separator: ", ")) pass: whoever writes them into a mail is believed",
                    do: "put \(patterns.joined(separator: " and ")) first into \(Self.file); then "
                        + (place?.setting(([Self.table] + rest).joined(separator: ","))
                            ?? "postconf -e 'header_checks = \(Self.table)' && postfix reload"))
            }
        return or(
            .ok(.postfixHeaderChecks, "Authentication-Results of \(ids.joined(separator: ", ")) are dropped"), findings)
    }

    private static let file = "/etc/postfix/lever-milter.header_checks"
    private static let table = "regexp:\(file)"

    /// The cleanups of services, each with the names of those that it serves.
    private func cleanups(
        of services: [PostfixSetup.Service]
    ) -> [(cleanup: PostfixSetup.Service?, services: [String])] {
        var found: [(cleanup: PostfixSetup.Service?, services: [String])] = []
        for service in services {
            let cleanup = setup.cleanup(of: service)
            if let index = found.firstIndex(where: { $0.cleanup == cleanup }) {
                found[index].services.append(service.name)
            } else {
                found.append((cleanup, [service.name]))
            }
        }
        return found
    }

    /// Whether the first table that knows the field drops it.
    private func drops(_ field: String, _ service: PostfixSetup.Service) -> Bool {
        let tables = setup.value("header_checks", setup.cleanup(of: service)).split { $0 == "," || $0.isWhitespace }
        let answer = tables.lazy.compactMap { setup.lookUp(String($0), field) }.first { !$0.isEmpty }
        let action = answer?.prefix { !$0.isWhitespace }.uppercased()
        return ["IGNORE", "STRIP", "REPLACE", "REJECT", "DISCARD"].contains(action ?? "")
    }

    private var authenticationFilters: [Finding] {
        guard !settings.authservIDs.isEmpty else {
            return [.ok(.postfixAuthenticationFilters, "no host's results count ('authserv_ids')")]
        }
        let checking = Set(receiving.map(\.name))
        let lists = uses.filter {
            $0.parameter == "smtpd_milters" && !$0.isOfOwnMail && checking.contains($0.service.name)
        }
        func before(_ list: MilterList) -> [MilterReference] {
            Array(list.milters.prefix(list.index(of: endpoint, setup)!))
        }
        /// Where OpenDMARC stands before OpenDKIM.
        func early(_ list: MilterList) -> Int? {
            let names = before(list).map { $0.address.lowercased() }
            return names.firstIndex { $0.contains("dmarc") }.flatMap { dmarc in
                names[dmarc...].contains { $0.contains("dkim") } ? dmarc : nil
            }
        }
        let findings =
            places(lists.filter { before($0).isEmpty }).map { place, list in
                Finding.warning(
                    .postfixAuthenticationFilters,
                    "\(place.text): 'authserv_ids' is set, but no filter comes before this one: nobody writes the "
                        + "results, and no colleague's mail that is not submitted counts as a colleague's",
                    do: "put the filters that check SPF, DKIM and DMARC first: "
                        + place.setting(
                            "unix:opendkim/opendkim.sock,unix:opendmarc/opendmarc.sock,\(recommended(at: list.service))"
                        ))
            }
            + places(lists.filter { early($0) != nil }).map { place, list in
                var milters = list.milters
                let last = milters.lastIndex { $0.address.lowercased().contains("dkim") }!
                milters.insert(milters.remove(at: last), at: early(list)!)
                return .warning(
                    .postfixAuthenticationFilters,
                    "\(place.text): OpenDMARC comes before OpenDKIM, and never sees whether a signature is good",
                    do: place.setting(words(milters, in: list)))
            }
        return or(.ok(.postfixAuthenticationFilters, "before this one"), findings)
    }
}
