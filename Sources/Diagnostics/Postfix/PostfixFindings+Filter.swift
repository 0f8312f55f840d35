/// How Postfix asks the filter, and what it does where that does not answer.
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
            "in \(use.place) this filter is followed by \(use.behind.map(\.address).joined(separator: ", ")): what that "
                + "adds or refuses (DKIM, DMARC) comes too late for what is stored",
            do: "put \(name) last in \(use.place); then postfix reload")
    }

    /// What counts for the filter: its own setting, or that of all filters there.
    private func setting(_ name: String, _ use: Use) -> String {
        use.milter.settings[name] ?? use.overrides["milter_\(name)"] ?? setup.value("milter_\(name)")
    }

    private func defaultAction(_ uses: [Use]) -> Finding {
        let harm: [String: String] = [
            "accept": "mail that comes while the filter is away is delivered and never captured, and nothing tells so",
            "quarantine": "mail that comes while the filter is away is held, and released without passing it",
            "reject": "mail that comes while the filter is away is refused for good, all of it",
        ]
        guard
            let use = uses.first(where: { !["tempfail", "shutdown"].contains(setting("default_action", $0)) })
        else { return .ok(.postfixDefaultAction, setting("default_action", uses[0])) }
        let action = setting("default_action", use)
        let isOfAll = use.milter.settings["default_action"] == nil && use.overrides["milter_default_action"] == nil
        return .warning(
            .postfixDefaultAction,
            "\(use.place): default_action is \(action): \(harm[action] ?? "Postfix does not know it")",
            do: isOfAll
                ? "postconf -e 'milter_default_action = tempfail' && postfix reload; or set default_action at this "
                    + "filter alone"
                : "write default_action=tempfail for \(name) in \(use.place); then postfix reload")
    }

    private func timeouts(_ uses: [Use]) -> Finding {
        // The filter answers from memory, but for the end of a message, which waits for the disk. A client waits ten
        // minutes for the end of its message (RFC 5321, 4.5.3.2.6).
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
                            ? "a moment's load makes Postfix give the filter up"
                            : "clients give up before Postfix does, and send again"),
                    do: "write \(recommended) in \(use.place); then postfix reload")
            }
        }
        return .ok(.postfixTimeouts, "fit")
    }

    private func milterProtocol(_ uses: [Use]) -> Finding {
        func isOld(_ use: Use) -> Bool { Int(setting("protocol", use)).map { $0 < 6 } ?? false }
        guard let use = uses.first(where: isOld) else {
            return .ok(.postfixProtocol, "version \(setting("protocol", uses[0]))")
        }
        return .critical(
            .postfixProtocol,
            "\(use.place): Postfix speaks milter protocol \(setting("protocol", use)), and this filter turns that away",
            do: "postconf -e 'milter_protocol = 6' && postfix reload; and take protocol= off this filter")
    }
}
