import SettingsFile

/// Runs sections with the results of the surveys.
struct SectionChecks: Sendable {
    let settings: Settings
    let isMailHost: Bool
    let sections: Set<Section>
    let daemon: RunningDaemon.Search
    let process: RunningDaemon?
    let postfix: PostfixSetup.Search
    let endpoint: Endpoint?

    func parts(_ sections: [Section]) -> [CheckReport.Part] {
        let needsDatabase = !Set(sections).isDisjoint(with: [.database, .keys, .clock])
        let probes =
            needsDatabase
            ? DatabaseProbe.all(
                LoginKey.allCases.compactMap { key in key.value(settings).map { (key, $0) } },
                allowInsecure: Set(
                    LoginKey.allCases.filter { settings.allowsInsecureDatabase(in: $0.rawValue) })) : []
        return sections.map { CheckReport.Part($0, findings($0, probes)) }
    }

    private func findings(_ section: Section, _ probes: [DatabaseProbe]) -> [Finding] {
        switch section {
        case .configuration:
            ConfigurationCheck(settings: settings, isMailHost: isMailHost, daemonUser: daemonUser).findings()
        case .daemon: DaemonCheck(settings: settings, daemon: daemon, endpoint: endpoint).findings()
        case .socket:
            SocketCheck(settings: settings, postfix: postfix, isDown: isDown, endpoint: endpoint).findings()
        case .postfix: PostfixCheck(settings: settings, postfix: postfix, endpoint: endpoint).findings()
        case .database:
            DatabaseCheck(settings: settings, isMailHost: isMailHost, probes: probes, daemon: daemon).findings()
        case .keys: KeysCheck(settings: settings, isMailHost: isMailHost, probes: probes).findings()
        case .spool: SpoolCheck(settings: settings, daemon: daemon).findings()
        case .clock: ClockCheck(probes: probes).findings()
        }
    }

    /// The daemon is known not to be running.
    private var isDown: Bool {
        if case .none = daemon { true } else { false }
    }

    /// The running daemon's user, else the owner of its spool, else the user of this name.
    private var daemonUser: SystemUser? {
        let id = process?.user ?? settings.spool.flatMap { FileStatus($0)?.owner }
        return id.flatMap { SystemUser(id: $0) } ?? SystemUser(name: "lever-milter")
    }
}
