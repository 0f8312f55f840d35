/// Whether Authentication-Results mean anything: nobody outside can have written them, and somebody here does.
extension PostfixFindings {
    var results: [Finding] { [headerChecks, authenticationFilters] }

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
        smtpdServices.filter { use("smtpd_milters", $0) != nil && !isBehindContentFilter($0) }
    }

    private var headerChecks: Finding {
        let ids = settings.authservIDs
        guard !ids.isEmpty else { return .ok(.postfixHeaderChecks, "no host's results count ('authserv_ids')") }
        for service in receiving {
            guard !setup.options("receive_override_options", service).contains("no_header_body_checks") else {
                return .warning(
                    .postfixHeaderChecks,
                    "\(service.name) has no_header_body_checks: Authentication-Results that senders write into their "
                        + "mail are believed",
                    do: "remove no_header_body_checks from receive_override_options at \(service.name); then "
                        + "postfix reload")
            }
            for id in ids where !Self.forgeries(id).allSatisfy({ drops($0, service) }) {
                let pattern = id.replacing(".", with: "\\.")
                return .warning(
                    .postfixHeaderChecks,
                    "header_checks\(isOwnCleanup(service) ? " of \(service.name)" : "") let Authentication-Results of "
                        + "\(id) pass: whoever writes them into a mail is believed",
                    do: "put the line '/^Authentication-Results[[:space:]]*:.*\(pattern)/ IGNORE' first into "
                        + "/etc/postfix/lever-milter.header_checks, and "
                        + "regexp:/etc/postfix/lever-milter.header_checks first into header_checks; then postfix reload"
                )
            }
        }
        return .ok(.postfixHeaderChecks, "Authentication-Results of \(ids.joined(separator: ", ")) are dropped")
    }

    private func cleanup(of service: PostfixSetup.Service) -> PostfixSetup.Service? {
        let name = setup.value("cleanup_service_name", service)
        return setup.services.first { $0.name == "\(name.isEmpty ? "cleanup" : name)/unix" }
    }

    private func isOwnCleanup(_ service: PostfixSetup.Service) -> Bool {
        cleanup(of: service)?.overrides["header_checks"] != nil
    }

    /// Whether the first table that knows the field drops it.
    private func drops(_ field: String, _ service: PostfixSetup.Service) -> Bool {
        let tables = setup.value("header_checks", cleanup(of: service)).split { $0 == "," || $0.isWhitespace }
        let answer = tables.lazy.compactMap { setup.lookUp(String($0), field) }.first { !$0.isEmpty }
        let action = answer?.prefix { !$0.isWhitespace }.uppercased()
        return ["IGNORE", "STRIP", "REPLACE", "REJECT", "DISCARD"].contains(action ?? "")
    }

    private var authenticationFilters: Finding {
        guard !settings.authservIDs.isEmpty else {
            return .ok(.postfixAuthenticationFilters, "no host's results count ('authserv_ids')")
        }
        for service in receiving where service.overrides["smtpd_sasl_auth_enable"] != "yes" {
            let milters = setup.milters("smtpd_milters", service)
            let before = milters.prefix { !setup.leads($0, of: service, to: endpoint) }.map { $0.address.lowercased() }
            guard !before.isEmpty else {
                return .warning(
                    .postfixAuthenticationFilters,
                    "'authserv_ids' is set, but no filter comes before this one at \(service.name): nobody writes the "
                        + "results, and no colleague's mail that is not submitted counts as a colleague's",
                    do: "put the filters that check SPF, DKIM and DMARC (OpenDKIM and OpenDMARC, or rspamd) before "
                        + "\(name) in smtpd_milters")
            }
            if let dmarc = before.firstIndex(where: { $0.contains("dmarc") }),
                before[dmarc...].contains(where: { $0.contains("dkim") })
            {
                return .warning(
                    .postfixAuthenticationFilters,
                    "at \(service.name) OpenDMARC comes before OpenDKIM: it never sees whether a signature is good",
                    do: "put OpenDKIM before OpenDMARC in smtpd_milters; then postfix reload")
            }
        }
        return .ok(.postfixAuthenticationFilters, "before this one")
    }
}
