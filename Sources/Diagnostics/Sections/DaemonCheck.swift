import Glibc
import SettingsFile

/// Whether lever-milter runs on this spool, answers, and is the installed program with this configuration.
struct DaemonCheck {
    let settings: Settings
    let daemon: RunningDaemon.Search
    /// Where the daemon listens; nil if unknown.
    let endpoint: Endpoint?

    /// Seconds that the daemon may take to answer.
    private static let limit = 4

    func findings() -> [Finding] {
        guard case .running(let process) = daemon else { return [notRunning] }
        return [
            .ok(.daemonRunning, "process \(process.pid)" + (age(process).map { ", for \($0)" } ?? "")),
            answers, user(process), configuration(process), binary(process), descriptors(process),
        ]
    }

    private var notRunning: Finding {
        if case .unknown(let reason) = daemon { return .notChecked(.daemonRunning, reason) }
        return .critical(
            .daemonRunning, "no lever-milter holds the spool \(settings.spool ?? "")",
            do: "start it (systemctl start lever-milter); if it exits again, its log has one line that says why")
    }

    private func age(_ process: RunningDaemon) -> String? {
        process.startedAt.map { span(time(nil) - $0) }
    }

    private var answers: Finding {
        guard let endpoint else {
            return .notChecked(.daemonAnswers, "the inherited socket's address is not visible; run this as root")
        }
        let restart = "restart it (systemctl restart lever-milter); its log has the reason"
        do {
            let version = try MilterProbe.negotiate(endpoint.connect(seconds: Self.limit))
            return .ok(.daemonAnswers, "at \(endpoint), with milter protocol \(version)")
        } catch let error as SocketError {
            if error.code == EACCES {
                return .notChecked(.daemonAnswers, "\(endpoint): \(error); run this as root")
            }
            let isMissing = [ENOENT, ECONNREFUSED].contains(error.code)
            return .critical(
                .daemonAnswers, "the daemon is running, but \(endpoint) reports: \(error)",
                do: isMissing
                    ? "'socket' was changed, or the socket removed, while the daemon was running: restart it "
                        + "(systemctl restart lever-milter)" : restart)
        } catch {
            return .critical(.daemonAnswers, "\(endpoint) does not negotiate: \(error)", do: restart)
        }
    }

    private func user(_ process: RunningDaemon) -> Finding {
        guard let user = process.user else { return .notChecked(.daemonUser, "/proc does not show its user") }
        let name = SystemUser.name(of: user)
        guard user == 0 else { return .ok(.daemonUser, name) }
        return .warning(
            .daemonUser, "the daemon runs as root, which it does not need",
            do: "give it a user of its own: docs/howto/postfix.md, 'Without the package'; then chown -R that user: "
                + "\(settings.spool ?? "the spool")")
    }

    /// BUGS: Whether the daemon has read the file since it was changed (SIGHUP) is not visible from outside.
    private func configuration(_ process: RunningDaemon) -> Finding {
        guard !process.arguments.isEmpty else { return .notChecked(.daemonConfiguration, "/proc does not show it") }
        if let path = process.configuration, path.hasPrefix("/"), realPath(path) != realPath(settings.path) {
            return .warning(
                .daemonConfiguration, "the daemon was started with \(path), but this checks \(settings.path)",
                do: "give leverctl the daemon's file with --config, or start the daemon with this one")
        }
        guard let started = process.startedAt, let file = FileStatus(settings.path), file.changed > started else {
            return .ok(.daemonConfiguration, settings.path)
        }
        return .ok(
            .daemonConfiguration,
            "\(settings.path), changed \(span(time(nil) - file.changed)) ago, after the daemon started; if it was not "
                + "reloaded since then: systemctl reload lever-milter")
    }

    private func binary(_ process: RunningDaemon) -> Finding {
        guard let program = process.program else {
            return .notChecked(.daemonBinary, "/proc does not show the program; run this as root")
        }
        let restart = "restart it (systemctl restart lever-milter)"
        if program.hasSuffix(" (deleted)") {
            return .warning(
                .daemonBinary, "\(program.dropLast(10)) was replaced; the daemon still runs the old one",
                do: restart)
        }
        if let started = process.startedAt, let file = FileStatus(program), file.changed > started + 1 {
            return .warning(.daemonBinary, "\(program) is newer than the running daemon", do: restart)
        }
        return .ok(.daemonBinary, program)
    }

    private func descriptors(_ process: RunningDaemon) -> Finding {
        guard let limit = process.descriptorLimit else {
            return .notChecked(.daemonDescriptors, "/proc does not show its limits; run this as root")
        }
        let open = process.openDescriptors.map { "\($0) open, " } ?? ""
        // One for each connection, and one for its message's file in the spool.
        let wanted = settings.sessionLimit * 2 + 64
        let raise = "raise it: LimitNOFILE=65536 in the service"
        if let count = process.openDescriptors, count > limit / 10 * 9 {
            return .critical(.daemonDescriptors, "\(count) of \(limit) descriptors are open", do: raise)
        }
        guard limit >= wanted else {
            return .warning(
                .daemonDescriptors,
                "\(open)\(limit) allowed, but 'session_limit' \(settings.sessionLimit) can need \(wanted)",
                do: "\(raise), or lower 'session_limit'")
        }
        return .ok(.daemonDescriptors, "\(open)\(limit == .max ? "any number" : "\(limit)") allowed")
    }
}
