/// Where a setting stands that something is wrong with, and the services at which it counts.
struct SettingPlace: Hashable, Sendable {
    let parameter: String
    /// The service of master.cf whose own setting it is; nil for main.cf's.
    let service: String?
    /// The line of smtpd_milter_maps instead.
    let line: MilterMapLine?
    /// The services that have it.
    var services: [String]

    /// `smtpd_milters at smtp/inet, smtpd/pass`.
    var text: String {
        let names = services.joined(separator: ", ")
        guard let line else { return services.isEmpty ? parameter : "\(parameter) at \(names)" }
        return "the line of \(line.clientText) in smtpd_milter_maps (\(line.table)) at \(names)"
    }

    /// What to do to give the setting this value: a command, where one can do it. White space separates nothing that
    /// a comma does not, and postconf(1) writes none into master.cf.
    func setting(_ value: String) -> String {
        if let line {
            let file = RewritingTable(name: line.table)
            return "give \(line.clientText) this line in \(line.table): \(value); then "
                + (file.isCompiled ? "postmap \(line.table) && " : "") + "postfix reload"
        }
        guard let service else { return "postconf -e '\(parameter) = \(value)' && postfix reload" }
        return "postconf -P '\(service)/\(parameter)=\(value)' && postfix reload"
    }
}

extension PostfixFindings {
    /// The places of a setting that services have: each one's own, and main.cf's once for those that have none.
    func places(_ parameter: String, _ services: [PostfixSetup.Service]) -> [SettingPlace] {
        var places: [SettingPlace] = []
        for service in services {
            let isOwn = setup.isOwn(parameter, service)
            if !isOwn, let index = places.firstIndex(where: { $0.service == nil }) {
                places[index].services.append(service.name)
            } else {
                places.append(
                    SettingPlace(
                        parameter: parameter, service: isOwn ? service.name : nil, line: nil, services: [service.name]))
            }
        }
        return places
    }

    /// The places of lists of filters; `alone` names a service apart where main.cf's list is right for others.
    func places(_ lists: [MilterList], alone: Bool = false) -> [(place: SettingPlace, list: MilterList)] {
        var places: [(place: SettingPlace, list: MilterList)] = []
        for list in lists {
            let isOwn = list.line == nil && (alone || setup.isOwn(list.parameter, list.service))
            let own = isOwn ? list.service.name : nil
            let same = places.firstIndex {
                $0.place.service == own && $0.place.parameter == list.parameter && $0.place.line == list.line
                    && $0.list.milters == list.milters
            }
            if let same {
                places[same].place.services.append(list.service.name)
            } else {
                let place = SettingPlace(
                    parameter: list.parameter, service: own, line: list.line, services: [list.service.name])
                places.append((place, list))
            }
        }
        return places
    }
}
