/// How Postfix calls the filter, and what it does if the filter does not answer.
extension PostfixFindings {
    var filter: [Finding] { uses.isEmpty ? [] : order + defaultAction + timeouts + milterProtocol }

    /// The setting in effect for the filter: its own, or the one for all filters there.
    private func setting(_ name: String, _ list: MilterList) -> String {
        milter(list).settings[name] ?? setup.value("milter_\(name)", list.service)
    }

    private func milter(_ list: MilterList) -> MilterReference { list.milters[list.index(of: endpoint, setup)!] }

    /// Gives the filter settings of its own, which count before those for all filters.
    private func giving(_ settings: [String: String], _ place: SettingPlace, _ list: MilterList) -> String {
        let index = list.index(of: endpoint, setup)!
        let milter = list.milters[index].with(settings)
        // Where main.cf defines the filter for every list, its definition is what to correct.
        if list.line == nil, setup.milters(PostfixSetup.ownName, list.service) == [list.milters[index]],
            list.service.overrides["milter_default_action"] == nil
        {
            return "postconf -e '\(PostfixSetup.ownName) = \(milter.word)' && postfix reload"
        }
        return place.setting(
            list.milters.enumerated().map { $0.offset == index ? milter.word : word($0.element, in: list) }
                .joined(separator: ","))
    }

    private var defaultAction: [Finding] {
        let harm: [String: String] = [
            "accept": "mail is delivered and never captured while the filter is down, without any sign of it",
            "quarantine": "mail is held while the filter is down, and later released without passing the filter",
            "reject": "all mail is rejected permanently while the filter is down",
        ]
        let bad = uses.filter { list in
            let action = setting("default_action", list)
            return action != "tempfail" && !(action == "shutdown" && knowsShutdown)
        }
        let findings = places(bad).map { place, list in
            let action = setting("default_action", list)
            return Finding.warning(
                .postfixDefaultAction,
                "\(place.text): default_action is \(action): "
                    + (harm[action] ?? "this Postfix has no such action, and answers 451 4.3.5 while the filter is down"),
                do: giving(["default_action": "tempfail"], place, list))
        }
        return or(.ok(.postfixDefaultAction, setting("default_action", uses[0])), findings)
    }

    private var timeouts: [Finding] {
        // The filter answers from memory, except at end of message, where it waits for the disk. A client waits ten
        // minutes for that reply (RFC 5321, 4.5.3.2.6).
        let limits = [("connect", 2...120), ("command", 10...300), ("content", 30...540)]
        func faults(_ list: MilterList) -> [(name: String, text: String, isShort: Bool)] {
            limits.compactMap { kind, range in
                let text = setting("\(kind)_timeout", list)
                guard let seconds = PostfixSetup.seconds(text), !range.contains(seconds) else { return nil }
                return ("\(kind)_timeout", text, seconds < range.lowerBound)
            }
        }
        let findings = places(uses.filter { !faults($0).isEmpty }).map { place, list in
            let found = faults(list)
            let text = found.map { fault in
                "\(fault.name) is \(fault.text): "
                    + (fault.isShort
                        ? "under a short load Postfix gives up on the filter"
                        : "clients time out before Postfix does, and send again")
            }
            let names = Set(found.map(\.name))
            return Finding.warning(
                .postfixTimeouts, "\(place.text): \(text.joined(separator: "; "))",
                do: giving(Self.recommendedSettings.filter { names.contains($0.key) }, place, list))
        }
        return or(.ok(.postfixTimeouts, "suitable"), findings)
    }

    private var milterProtocol: [Finding] {
        func isOld(_ text: String) -> Bool { Int(text).map { $0 < 6 } ?? false }
        let old = uses.filter { isOld(setting("protocol", $0)) }
        let findings = places(old).map { place, list in
            // With the setting for all filters of main.cf, the others are no worse off.
            let isOfAll = milter(list).settings["protocol"] == nil && !setup.isOwn("milter_protocol", list.service)
            return Finding.critical(
                .postfixProtocol,
                "\(place.text): Postfix speaks milter protocol \(setting("protocol", list)), which this filter refuses",
                do: isOfAll
                    ? "postconf -e 'milter_protocol = 6' && postfix reload" : giving(["protocol": "6"], place, list))
        }
        return or(.ok(.postfixProtocol, "version \(setting("protocol", uses[0]))"), findings)
    }
}
