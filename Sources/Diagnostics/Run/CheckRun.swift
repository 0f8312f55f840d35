public import SettingsFile
import Foundation
import Synchronization

/// Looks at everything that has to be right, on the machine that it runs on, and changes nothing. What hangs is left
/// behind and told: the whole takes seconds.
public struct CheckRun: Sendable {
    private let settings: Settings
    private let postfixDirectory: String?
    private let sections: Set<Section>
    private let isMailHost: Bool

    /// Seconds: for what is needed first, and then for each section.
    private static let limits = (first: 12.0, section: 15.0)

    /// `sections`: those to look at; empty for all that this machine should have. `postfixDirectory` is that of another
    /// instance's main.cf.
    public init(settings: Settings, postfixDirectory: String?, sections: [Section]) {
        self.settings = settings
        self.postfixDirectory = postfixDirectory
        let isMailHost = settings.socket != nil || settings.database != nil
        self.isMailHost = isMailHost
        self.sections = Set(sections.isEmpty ? Section.allCases.filter { isMailHost || !$0.isOfMailHost } : sections)
    }

    /// A file that cannot be read ends it all.
    public static func unreadable(_ error: ConfigurationError) -> CheckReport {
        CheckReport(parts: [
            CheckReport.Part(
                .configuration,
                [
                    .critical(
                        .configurationFile, error.description,
                        do: "correct this line (docs/reference/configuration.md), or name the file with --config")
                ])
        ])
    }

    public func run() -> CheckReport {
        let (daemon, postfix) = lookAround()
        let process: RunningDaemon? = if case .running(let process) = daemon { process } else { nil }
        let endpoint = endpoint(process)
        let work = SectionChecks(
            settings: settings, isMailHost: isMailHost, sections: sections, daemon: daemon, process: process,
            postfix: postfix, endpoint: endpoint)

        let jobs = [
            [.configuration], [.daemon], [.socket], [.postfix], [.spool], [Section.database, .keys, .clock],
        ].map { sections in sections.filter(self.sections.contains) }.filter { !$0.isEmpty }
        let done = TimeLimit.run(Self.limits.section, jobs.map { job in { @Sendable in work.parts(job) } })
        let parts = zip(jobs, done).flatMap { job, parts in
            parts ?? job.map { CheckReport.Part($0, [late($0)]) }
        }
        return CheckReport(parts: Section.allCases.compactMap { section in parts.first { $0.section == section } })
    }

    private func late(_ section: Section) -> Finding {
        guard section != .configuration else { return .notChecked(.configurationMode, "the file system hangs") }
        return .critical(
            section.timeLimit,
            "not done within \(Int(Self.limits.section)) s: a file system, a name look-up or a process "
                + "hangs", do: "leverctl check --only \(section.rawValue) alone; see dmesg for what hangs")
    }

    private enum Survey: Sendable {
        case daemon(RunningDaemon.Search)
        case postfix(PostfixSetup.Search)
    }

    /// What several sections need.
    private func lookAround() -> (RunningDaemon.Search, PostfixSetup.Search) {
        var daemon = RunningDaemon.Search.unknown("no 'spool' in the configuration")
        var postfix = PostfixSetup.Search.none("not asked")
        var looks: [@Sendable () -> Survey] = []
        if let spool = settings.spool {
            daemon = .unknown("the spool's file system hangs")
            looks.append { .daemon(RunningDaemon.find(spool: spool)) }
        }
        if !sections.isDisjoint(with: [.postfix, .socket]) {
            postfix = .failed("postconf hangs")
            looks.append { [postfixDirectory] in .postfix(PostfixSetup.find(directory: postfixDirectory)) }
        }
        for case let look? in TimeLimit.run(Self.limits.first, looks) {
            switch look {
            case .daemon(let found): daemon = found
            case .postfix(let found): postfix = found
            }
        }
        return (daemon, postfix)
    }

    private func endpoint(_ process: RunningDaemon?) -> Endpoint? {
        guard let socket = settings.socket else { return nil }
        if case .descriptor(let number) = socket { return process?.address(ofDescriptor: number) }
        return Endpoint(socket)
    }
}

/// The sections, on what is known already.
private struct SectionChecks: Sendable {
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
            ? DatabaseProbe.all(LoginKey.allCases.compactMap { key in key.value(settings).map { (key, $0) } }) : []
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

    /// The daemon is known not to run.
    private var isDown: Bool {
        if case .none = daemon { true } else { false }
    }

    /// Of the running daemon, else the owner of its spool, else the user of this name.
    private var daemonUser: SystemUser? {
        let id = process?.user ?? settings.spool.flatMap { FileStatus($0)?.owner }
        return id.flatMap { SystemUser(id: $0) } ?? SystemUser(name: "lever-milter")
    }
}
