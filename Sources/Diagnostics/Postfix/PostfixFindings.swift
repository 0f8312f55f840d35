import Core
import SettingsFile

/// The findings about one Postfix configuration.
struct PostfixFindings {
    let settings: Settings
    let setup: PostfixSetup
    let endpoint: Endpoint
    /// What the daemon knows of the companies; nil if that cannot be read.
    var routing: Routing?

    /// A place in the configuration that names our filter.
    struct Use: Equatable {
        let place: String
        let milter: MilterReference
        /// The filters after it.
        let behind: [MilterReference]
        /// Settings for all filters there, such as `milter_default_action`.
        let overrides: [String: String]
    }

    var all: [Finding] {
        [
            .ok(.postfixSetup, setup.queueDirectory), version, smtpd, nonSMTPD, overrides, noMilters, milterMaps,
            messageSizeLimit, bareNewline, recipientDelimiter, bounces, aliases,
        ] + results + filter
    }

    var smtpdServices: [PostfixSetup.Service] { setup.services(running: "smtpd") }
    var name: String { setup.name(for: endpoint) }

    func use(_ parameter: String, _ service: PostfixSetup.Service?) -> Use? {
        let milters = setup.milters(parameter, service)
        guard let index = milters.firstIndex(where: { setup.leads($0, of: service, to: endpoint) }) else { return nil }
        let overrides = service?.overrides.filter { $0.key.hasPrefix("milter_") } ?? [:]
        let isOwn = !overrides.isEmpty || service?.overrides[parameter] != nil
        return Use(
            place: isOwn ? "\(parameter) of \(service!.name)" : parameter, milter: milters[index],
            behind: Array(milters[(index + 1)...]), overrides: overrides)
    }

    var uses: [Use] {
        var uses: [Use] = []
        let places: [(String, PostfixSetup.Service?)] =
            smtpdServices.map { ("smtpd_milters", $0) } + [("non_smtpd_milters", cleanup)]
        for case let use? in places.map({ use($0.0, $0.1) }) where !uses.contains(use) { uses.append(use) }
        return uses
    }

    var cleanup: PostfixSetup.Service? { setup.services(running: "cleanup").first }

    // MARK: Does all mail pass the filter

    private var version: Finding {
        let text = setup.value("mail_version")
        let numbers = text.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard let major = numbers.first else { return .notChecked(.postfixVersion, "Postfix does not report it") }
        guard major >= 3 else {
            return .warning(
                .postfixVersion, "Postfix \(text) has no settings for single filters",
                do: "update Postfix to 3.0 or later")
        }
        return .ok(.postfixVersion, "Postfix \(text)")
    }

    /// The command that adds the filter to a list.
    private func adding(_ parameter: String) -> String {
        let others = setup.value(parameter)
        return "postconf -e '\(parameter) = \(others.isEmpty ? "" : others + ", ")\(recommended)' && postfix reload"
    }

    var recommended: String {
        "{ \(name), connect_timeout=10s, command_timeout=30s, content_timeout=120s, default_action=tempfail }"
    }

    private var smtpd: Finding {
        guard !smtpdServices.isEmpty else {
            return .notChecked(.postfixSMTPDMilters, "master.cf has no smtpd: this Postfix receives no mail by SMTP")
        }
        guard smtpdServices.contains(where: { use("smtpd_milters", $0) != nil }) else {
            let listed = setup.milters("smtpd_milters", nil).map(\.address)
            return .critical(
                .postfixSMTPDMilters,
                "mail that arrives by SMTP does not pass this filter (\(name)); smtpd_milters "
                    + (listed.isEmpty ? "is empty" : "has \(listed.joined(separator: ", "))"),
                do: adding("smtpd_milters"))
        }
        return .ok(.postfixSMTPDMilters, "smtpd has \(name)")
    }

    private var nonSMTPD: Finding {
        guard use("non_smtpd_milters", cleanup) != nil else {
            let isOwn = cleanup?.overrides["non_smtpd_milters"] != nil
            return .warning(
                .postfixNonSMTPDMilters, "mail that programs on this host submit (sendmail) is not captured",
                do: isOwn
                    ? "remove -o non_smtpd_milters from master.cf at \(cleanup!.name), then postfix reload"
                    : adding("non_smtpd_milters"))
        }
        return .ok(.postfixNonSMTPDMilters, "cleanup has \(name)")
    }

    /// Services whose `-o` settings name other filters than main.cf.
    private var overrides: Finding {
        let own = smtpdServices.filter { $0.overrides["smtpd_milters"] != nil }
        guard smtpdServices.contains(where: { use("smtpd_milters", $0) != nil }) else {
            return .notChecked(.postfixOverrides, "no smtpd has this filter")
        }
        let without = smtpdServices.filter { use("smtpd_milters", $0) == nil && !isBehindContentFilter($0) }
        guard without.isEmpty else {
            let names = without.map(\.name).joined(separator: ", ")
            return .warning(
                .postfixOverrides,
                "mail that arrives at \(names) is not captured: master.cf has -o smtpd_milters "
                    + "there",
                do: "remove -o smtpd_milters from master.cf at \(names), or add \(name) to it; then postfix reload")
        }
        return .ok(
            .postfixOverrides,
            own.isEmpty
                ? "none"
                : "those of \(own.map(\.name).joined(separator: ", ")) have this "
                    + "filter")
    }

    /// Mail reaches such a service a second time, and has passed the filter before.
    func isBehindContentFilter(_ service: PostfixSetup.Service) -> Bool {
        service.overrides["content_filter"] == "" && hasContentFilter
    }

    private var hasContentFilter: Bool {
        !setup.value("content_filter").isEmpty
            || setup.services.contains { $0.overrides["content_filter"].map { !$0.isEmpty } ?? false }
    }

    private var noMilters: Finding {
        func isOff(_ service: PostfixSetup.Service?) -> Bool {
            setup.options("receive_override_options", service).contains("no_milters")
        }
        if isOff(nil) {
            return .critical(
                .postfixNoMilters, "main.cf turns all filters off: receive_override_options has no_milters",
                do:
                    "remove no_milters from receive_override_options in main.cf; it belongs in master.cf, at the smtpd "
                    + "behind a content filter; then postfix reload")
        }
        let off = (smtpdServices + setup.services(running: "pickup")).filter(isOff).map(\.name)
        guard off.isEmpty || hasContentFilter else {
            return .warning(
                .postfixNoMilters,
                "\(off.joined(separator: ", ")) has no_milters, and no content filter is in use: its mail is not "
                    + "captured",
                do:
                    "remove no_milters from receive_override_options in master.cf at \(off.joined(separator: ", ")); "
                    + "then postfix reload")
        }
        return .ok(
            .postfixNoMilters, off.isEmpty ? "nowhere" : "at \(off.joined(separator: ", ")), behind a content filter")
    }

    private var milterMaps: Finding {
        let services: [PostfixSetup.Service?] = [nil] + smtpdServices
        guard let maps = services.map({ setup.value("smtpd_milter_maps", $0) }).first(where: { !$0.isEmpty }) else {
            return .ok(.postfixMilterMaps, "none")
        }
        return .warning(
            .postfixMilterMaps, "clients in smtpd_milter_maps (\(maps)) get other filters than those in smtpd_milters",
            do: "make each line there end in \(name), except for clients whose mail is not to be captured, or empty "
                + "the "
                + "parameter")
    }

    private var messageSizeLimit: Finding {
        guard let limit = Int(setup.value("message_size_limit")) else {
            return .notChecked(.postfixMessageSizeLimit, "Postfix does not report it")
        }
        let ours = settings.messageSizeLimit
        guard limit > 0, limit <= ours else {
            return .warning(
                .postfixMessageSizeLimit,
                "Postfix accepts messages of \(limit == 0 ? "any size" : "up to \(limit) bytes"), but those over "
                    + "\(ours) "
                    + "are delivered and not captured",
                do: limit == 0 || limit > 1_073_741_824
                    ? "postconf -e 'message_size_limit = \(ours)' && postfix reload"
                    : "set 'message_size_limit: \(limit)' in \(settings.path) and reload lever-milter, or lower "
                        + "Postfix's message_size_limit")
        }
        return .ok(.postfixMessageSizeLimit, "Postfix \(limit), the filter \(ours) bytes")
    }

    private var bareNewline: Finding {
        let advice = "postconf -e 'smtpd_forbid_bare_newline = normalize' && postfix reload"
        guard setup.parameters["smtpd_forbid_bare_newline"] != nil else {
            return .warning(
                .postfixBareNewline, "this Postfix cannot refuse a bare LF as a line ending (SMTP smuggling)",
                do: "update Postfix: 3.8.4, 3.7.9, 3.6.13 and 3.5.23 have smtpd_forbid_bare_newline")
        }
        let open = ([nil] + smtpdServices).filter { service in
            ["no", "note"].contains(setup.value("smtpd_forbid_bare_newline", service))
        }
        guard open.isEmpty else {
            return .warning(
                .postfixBareNewline,
                "a bare LF counts as a line ending: a message hidden inside another bypasses the filter (SMTP "
                    + "smuggling)",
                do: open.contains { $0 == nil }
                    ? advice
                    : "remove -o smtpd_forbid_bare_newline from master.cf at "
                        + open.compactMap { $0?.name }.joined(separator: ", "))
        }
        return .ok(.postfixBareNewline, setup.value("smtpd_forbid_bare_newline"))
    }
}
