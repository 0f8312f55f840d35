/// Whether all mail passes the filter.
extension PostfixFindings {
    var smtpd: [Finding] {
        guard !smtpdServices.isEmpty else {
            return [.notChecked(.postfixSMTPDMilters, "master.cf has no smtpd: this Postfix receives no mail by SMTP")]
        }
        let without = smtpdServices.filter { !hasFilter($0) && !isBehindContentFilter($0) }
        let isNowhere = !smtpdServices.contains(where: hasFilter)
        let missing = places("smtpd_milters", isNowhere && without.isEmpty ? smtpdServices : without).map { place in
            let service = smtpdServices.first { $0.name == place.services[0] }
            let listed = setup.milters("smtpd_milters", service)
            let text =
                "mail that arrives at \(place.services.joined(separator: ", ")) does not pass this filter (\(name)): "
                + "smtpd_milters there "
                + (listed.isEmpty ? "is empty" : "has \(listed.map(\.address).joined(separator: ", "))")
            let advice = place.setting((listed.map(\.word) + [recommended(at: service)]).joined(separator: ","))
            return isNowhere
                ? Finding.critical(.postfixSMTPDMilters, text, do: advice)
                : .warning(.postfixOverrides, text, do: advice)
        }
        if isNowhere { return missing + [.notChecked(.postfixOverrides, "no smtpd has this filter")] }
        let own = smtpdServices.filter { $0.overrides["smtpd_milters"] != nil && hasFilter($0) }.map(\.name)
        let well = own.isEmpty ? "none" : "those of \(own.joined(separator: ", ")) have this filter"
        return [.ok(.postfixSMTPDMilters, "smtpd has \(name)")] + or(.ok(.postfixOverrides, well), missing + proxied)
    }

    /// Services whose mail goes through another program before Postfix takes it (smtpd_proxy_filter): filters there
    /// see the envelope alone, so the smtpd behind that program must have ours.
    private var proxied: [Finding] {
        func isInFront(_ service: PostfixSetup.Service) -> Bool {
            !setup.value("smtpd_proxy_filter", service).isEmpty
        }
        let isBehind = smtpdServices.contains { !isInFront($0) && isOfThisHost($0) && hasFilter($0) }
        return smtpdServices.filter { isInFront($0) && hasFilter($0) && !isBehind }.map { service in
            .warning(
                .postfixOverrides,
                "\(service.name) passes mail to \(setup.value("smtpd_proxy_filter", service)) before a filter sees its "
                    + "content, and no smtpd that takes it back has this filter: nothing of it is captured",
                do: "set smtpd_milters at the smtpd that takes it back, and empty it here: postconf -P "
                    + "'\(service.name)/smtpd_milters=' && postfix reload")
        }
    }

    var nonSMTPD: [Finding] {
        let cleanups = setup.localCleanups
        let without = cleanups.filter { cleanup in
            !setup.milters("non_smtpd_milters", cleanup).contains { setup.leads($0, of: cleanup, to: endpoint) }
        }
        let missing = places("non_smtpd_milters", cleanups.isEmpty ? [] : without).map { place in
            let service = cleanups.first { $0.name == place.services[0] }
            let listed = setup.milters("non_smtpd_milters", service)
            return Finding.warning(
                .postfixNonSMTPDMilters,
                "mail that programs on this host submit (sendmail) is not captured: non_smtpd_milters at "
                    + "\(place.services.joined(separator: ", ")) lacks this filter",
                do: place.setting((listed.map(\.word) + [recommended(at: service)]).joined(separator: ",")))
        }
        return or(.ok(.postfixNonSMTPDMilters, "cleanup has \(name)"), missing)
    }

    /// Mail reaches such a service a second time, and has passed the filter before.
    func isBehindContentFilter(_ service: PostfixSetup.Service) -> Bool {
        guard hasContentFilter, setup.value("content_filter", service).isEmpty else { return false }
        return service.overrides["content_filter"] != nil || isOfThisHost(service)
    }

    /// Only programs of this host connect to it.
    private func isOfThisHost(_ service: PostfixSetup.Service) -> Bool {
        ["127.", "localhost:", "[::1]:", "::1:"].contains { service.name.hasPrefix($0) }
    }

    private var hasContentFilter: Bool {
        ([nil] + setup.services).contains { !setup.value("content_filter", $0).isEmpty }
    }

    var noMilters: [Finding] {
        let parameter = "receive_override_options"
        let services = smtpdServices + setup.services(running: "pickup") + setup.services(running: "qmqpd")
        let off = services.filter { setup.options(parameter, $0).contains("no_milters") }
        if setup.options(parameter, nil).contains("no_milters") {
            let rest = setup.options(parameter, nil).filter { $0 != "no_milters" }.joined(separator: ",")
            return [
                .critical(
                    .postfixNoMilters,
                    "main.cf turns all filters off: receive_override_options has no_milters, which belongs at the smtpd "
                        + "behind a content filter alone, in master.cf",
                    do: "postconf -e '\(parameter) = \(rest)' && postfix reload")
            ]
        }
        let missed = off.filter { !isBehindContentFilter($0) }.map { service in
            let rest = setup.options(parameter, service).filter { $0 != "no_milters" }.joined(separator: ",")
            return Finding.warning(
                .postfixNoMilters,
                "\(service.name) has no_milters and is not behind a content filter: its mail is not captured",
                do: "postconf -P '\(service.name)/\(parameter)=\(rest)' && postfix reload")
        }
        let names = off.map(\.name).joined(separator: ", ")
        return or(.ok(.postfixNoMilters, off.isEmpty ? "nowhere" : "at \(names), behind a content filter"), missed)
    }
}
