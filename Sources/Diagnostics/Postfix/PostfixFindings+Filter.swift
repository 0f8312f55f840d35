/// How Postfix calls the filter, and what it does if the filter does not answer.
extension PostfixFindings {
    var filter: [Finding] {
        let uses = uses
        guard !uses.isEmpty else { return [] }
        return [order(uses), defaultAction(uses), timeouts(uses), milterProtocol(uses)]
    }

    private func order(_ uses: [Use]) -> Finding {
        guard let use = uses.first(where: { !$0.behind.isEmpty }) else {
            return .ok(.postfixOrder, "no filter comes after this one")
        }
        return .warning(
            .postfixOrder,
            "in \(use.place) this filter is followed by \(use.behind.map(\.address).joined(separator: ", ")): what "
                + "that adds or refuses (DKIM, DMARC) comes too late for what is stored",
            do: "put \(name) last in \(use.place); then postfix reload")
    }

    /// The setting in effect for the filter: its own, or the one for all filters there.
    private func setting(_ name: String, _ use: Use) -> String {
        use.milter.settings[name] ?? use.overrides["milter_\(name)"] ?? setup.value("milter_\(name)")
    }

    private func defaultAction(_ uses: [Use]) -> Finding {
        let harm: [String: String] = [
            "accept": "while the filter is down, mail is delivered and never captured, without any sign of it",
            "quarantine": "while the filter is down, mail is held, and later released without passing the filter",
            "reject": "while the filter is down, all mail is rejected permanently",
        ]
        guard
            let use = uses.first(where: { !["tempfail", "shutdown"].contains(setting("default_action", $0)) })
        else { return .ok(.postfixDefaultAction, setting("default_action", uses[0])) }
        let action = setting("default_action", use)
        let isOfAll = use.milter.settings["default_action"] == nil && use.overrides["milter_default_action"] == nil
        return .warning(
            .postfixDefaultAction,
            "\(use.place): default_action is \(action): \(harm[action] ?? "Postfix has no such action")",
            do: isOfAll
                ? "postconf -e 'milter_default_action = tempfail' && postfix reload; or set default_action for this "
                    + "filter only"
                : "set default_action=tempfail for \(name) in \(use.place); then postfix reload")
    }

    private func timeouts(_ uses: [Use]) -> Finding {
        // The filter answers from memory, except at end of message, where it waits for the disk. A client waits ten
        // minutes for that reply (RFC 5321, 4.5.3.2.6).
        let limits = [("connect", 2...120), ("command", 10...300), ("content", 30...540)]
        for use in uses {
            for (kind, range) in limits {
                let text = setting("\(kind)_timeout", use)
                guard let seconds = PostfixSetup.seconds(text), !range.contains(seconds) else { continue }
                let isShort = seconds < range.lowerBound
                return .warning(
                    .postfixTimeouts,
                    "\(use.place): \(kind)_timeout is \(text): "
                        + (isShort
                            ? "under a short load Postfix gives up on the filter"
                            : "clients time out before Postfix does, and send again"),
                    do: "set \(recommended) in \(use.place); then postfix reload")
            }
        }
        return .ok(.postfixTimeouts, "suitable")
    }

    private func milterProtocol(_ uses: [Use]) -> Finding {
        func isOld(_ use: Use) -> Bool { Int(setting("protocol", use)).map { $0 < 6 } ?? false }
        guard let use = uses.first(where: isOld) else {
            return .ok(.postfixProtocol, "version \(setting("protocol", uses[0]))")
        }
        return .critical(
            .postfixProtocol,
            "\(use.place): Postfix speaks milter protocol \(setting("protocol", use)), which this filter refuses",
            do: "postconf -e 'milter_protocol = 6' && postfix reload; and remove protocol= from this filter")
    }
}
