// Diagnostics: the checks of `leverctl check`, and what stands in the way of storing a company's mail. Surveys read the
// system, Postfix, the spool and the database; sections judge what they found. Changes nothing. May use everything
// below the daemon: System, Core, SettingsFile, Sealing, Spool and Store.

import Foundation
public import SettingsFile
import Synchronization

/// One run of `leverctl check`: examines everything that has to be right on this machine, and changes nothing. A check
/// that hangs is abandoned and reported; the run takes seconds. Any thread; blocks.
public struct CheckRun: Sendable {
    private let settings: Settings
    private let postfixDirectory: String?
    private let sections: Set<Section>
    private let isMailHost: Bool

    /// Seconds for the surveys that come first, and for each section after them.
    private static let limits = (first: 12.0, section: 15.0)

    /// `sections` are those to check; empty for all that apply to this machine. `postfixDirectory` is the directory of
    /// main.cf, for another Postfix instance than the default.
    public init(settings: Settings, postfixDirectory: String?, sections: [Section]) {
        self.settings = settings
        self.postfixDirectory = postfixDirectory
        let isMailHost = settings.socket != nil || settings.database != nil
        self.isMailHost = isMailHost
        self.sections = Set(sections.isEmpty ? Section.allCases.filter { isMailHost || !$0.isOfMailHost } : sections)
    }

    /// The report if the configuration file cannot be read: nothing else can be checked.
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
            "not finished within \(Int(Self.limits.section)) s: a file system, a name look-up or a process "
                + "hangs", do: "run leverctl check --only \(section.rawValue); see dmesg for what hangs")
    }

    private enum Survey: Sendable {
        case daemon(RunningDaemon.Search)
        case postfix(PostfixSetup.Search)
    }

    /// Collects what several sections need.
    private func lookAround() -> (RunningDaemon.Search, PostfixSetup.Search) {
        var daemon = RunningDaemon.Search.unknown("no 'spool' in the configuration")
        var postfix = PostfixSetup.Search.none("Postfix was not examined")
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
