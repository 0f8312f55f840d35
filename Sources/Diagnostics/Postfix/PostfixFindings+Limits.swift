/// What Postfix is, and what it takes.
extension PostfixFindings {
    var version: Finding {
        let text = setup.value("mail_version")
        guard let version = PostfixVersion(text) else {
            return .notChecked(.postfixVersion, "Postfix does not report it")
        }
        guard version.numbers[0] >= 3 else {
            return .warning(
                .postfixVersion, "Postfix \(text) has no settings for single filters",
                do: "update Postfix to 3.0 or later")
        }
        return .ok(.postfixVersion, "Postfix \(text)")
    }

    var knowsShutdown: Bool { PostfixVersion(setup.value("mail_version"))?.knowsShutdown ?? true }

    var messageSizeLimit: [Finding] {
        let parameter = "message_size_limit"
        guard Int(setup.value(parameter)) != nil else {
            return [.notChecked(.postfixMessageSizeLimit, "Postfix does not report it")]
        }
        let ours = settings.messageSizeLimit
        func limit(_ service: PostfixSetup.Service) -> Int { Int(setup.value(parameter, service)) ?? 0 }
        // cleanup(8) applies the limit of main.cf to mail of every way.
        let services = smtpdServices + setup.localCleanups
        let above = services.filter { limit($0) == 0 || limit($0) > ours }
        let findings = places(parameter, above).map { place in
            let theirs = limit(services.first { $0.name == place.services[0] }!)
            return Finding.warning(
                .postfixMessageSizeLimit,
                "Postfix accepts messages of \(theirs == 0 ? "any size" : "up to \(theirs) bytes") at "
                    + "\(place.services.joined(separator: ", ")), but those over \(ours) are delivered and not captured",
                do: theirs == 0 || theirs > 1_073_741_824
                    ? place.setting("\(ours)")
                    : "set 'message_size_limit: \(theirs)' in \(settings.path) and reload lever-milter, or "
                        + place.setting("\(ours)"))
        }
        return or(
            .ok(.postfixMessageSizeLimit, "Postfix \(setup.value(parameter)), the filter \(ours) bytes"), findings)
    }

    var bareNewline: [Finding] {
        let parameter = "smtpd_forbid_bare_newline"
        guard setup.parameters[parameter] != nil else {
            return [
                .warning(
                    .postfixBareNewline, "this Postfix cannot refuse a bare LF as a line ending (SMTP smuggling)",
                    do: "update Postfix: 3.8.4, 3.7.9, 3.6.13 and 3.5.23 have smtpd_forbid_bare_newline")
            ]
        }
        let open = smtpdServices.filter { ["no", "note"].contains(setup.value(parameter, $0)) }
        let findings = places(parameter, open).map { place in
            Finding.warning(
                .postfixBareNewline,
                "a bare LF counts as a line ending at \(place.services.joined(separator: ", ")): a message hidden inside "
                    + "another bypasses the filter (SMTP smuggling)",
                do: place.setting("normalize"))
        }
        return or(.ok(.postfixBareNewline, setup.value(parameter)), findings)
    }
}
