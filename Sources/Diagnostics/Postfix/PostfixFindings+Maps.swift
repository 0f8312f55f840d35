/// Clients that get other filters than smtpd_milters names.
extension PostfixFindings {
    private static let nameLimit = 3

    var milterMaps: [Finding] {
        var seen: Set<MilterMapLine> = []
        var off: [MilterMapLine] = []
        var findings: [Finding] = []
        for service in smtpdServices {
            let map = setup.milterMap(service)
            if !map.unlisted.isEmpty {
                let finding = Finding.notChecked(
                    .postfixMilterMaps,
                    "\(map.unlisted.joined(separator: ", ")) of smtpd_milter_maps cannot be listed: look whether each "
                        + "answer ends in \(recommendedLine)")
                if !findings.contains(finding) { findings.append(finding) }
            }
            let new = map.lines.filter { seen.insert($0).inserted }
            off += new.filter { $0.isDisabled && !$0.isForEveryone }
            findings += missing(new.filter { !$0.isDisabled || $0.isForEveryone }, service)
        }
        let names = off.map(\.client).prefix(Self.nameLimit).joined(separator: ", ")
        let others = off.count > Self.nameLimit ? " and \(off.count - Self.nameLimit) more" : ""
        return or(
            .ok(.postfixMilterMaps, off.isEmpty ? "each client gets this filter" : "DISABLE for \(names)\(others)"),
            findings)
    }

    /// Lines without our filter: one finding for those of a table that are alike.
    private func missing(_ lines: [MilterMapLine], _ service: PostfixSetup.Service) -> [Finding] {
        var groups: [(lines: [MilterMapLine], fault: String)] = []
        for line in lines {
            guard let fault = fault(line, service) else { continue }
            let same = groups.firstIndex { $0.fault == fault && $0.lines[0].table == line.table }
            if let same { groups[same].lines.append(line) } else { groups.append(([line], fault)) }
        }
        return groups.map { lines, fault in
            let clients = lines.prefix(Self.nameLimit).map(\.clientText).joined(separator: ", ")
            let others = lines.count > Self.nameLimit ? " and \(lines.count - Self.nameLimit) more" : ""
            let first = lines[0]
            let kept =
                first.isDisabled
                ? [] : MilterReference.list(first.value).filter { !$0.address.contains("$") }.map(\.word)
            let value = (kept + [recommendedLine]).joined(separator: ",")
            let place = SettingPlace(
                parameter: "smtpd_milters", service: nil, line: first, services: [service.name])
            return .warning(
                .postfixMilterMaps,
                "smtpd_milter_maps at \(service.name) (\(first.table)): mail from \(clients)\(others) is not captured: "
                    + fault,
                do: place.setting(value) + (first.isForEveryone ? "; or empty smtpd_milter_maps" : ""))
        }
    }

    /// What is wrong with a line; nil if nothing.
    private func fault(_ line: MilterMapLine, _ service: PostfixSetup.Service) -> String? {
        if line.isDisabled { return "DISABLE is no filter at all" }
        let milters = MilterReference.list(line.value)
        if milters.contains(where: { setup.leads($0, of: service, to: endpoint) }) { return nil }
        if line.value.contains("$") {
            return "Postfix takes \(line.value) as it stands, and puts nothing in the place of a $name in a table"
        }
        return "that line names \(milters.map(\.address).joined(separator: ", ")) instead"
    }
}
