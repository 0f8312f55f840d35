import Glibc
import SettingsFile

/// Whether Postfix can reach the filter, and only Postfix.
struct SocketCheck {
    let settings: Settings
    let postfix: PostfixSetup.Search
    /// The daemon is known not to be running, which explains a missing socket.
    let isDown: Bool
    /// Where the filter listens; nil if unknown.
    let endpoint: Endpoint?

    func findings() -> [Finding] {
        switch endpoint {
        case nil: [.notChecked(.socketExists, "the inherited socket's address is not visible")]
        case .unix(let path): unix(path)
        case .tcp: [address] + access(endpoint!)
        }
    }

    // MARK: The file

    private func unix(_ path: String) -> [Finding] {
        guard let file = FileStatus(path) else {
            let reason = errorText()
            guard !isDown else {
                return [.notChecked(.socketExists, "\(path): \(reason); the daemon creates it")]
            }
            return [
                .critical(
                    .socketExists, "\(path): \(reason)",
                    do: "it was removed, or the daemon has another path: systemctl restart lever-milter")
            ]
        }
        guard file.isSocket else {
            return [
                .critical(
                    .socketExists, "\(path) is not a socket",
                    do: "remove it, or name another path as 'socket', and restart lever-milter")
            ]
        }
        return [.ok(.socketExists, path), mode(path, file)] + access(.unix(path))
    }

    private func mode(_ path: String, _ file: FileStatus) -> Finding {
        let text = "mode \(file.octal), \(SystemUser.name(of: file.owner)):\(SystemUser.groupName(file.group))"
        guard file.permissions & 0o002 == 0 else {
            return .warning(
                .socketMode,
                "\(text): every program on this host can pose as the mail server and store messages",
                do: "chmod 0660 \(path); and set 'socket_mode: \"0660\"' in \(settings.path)")
        }
        return .ok(.socketMode, text)
    }

    private var address: Finding {
        guard let endpoint, !endpoint.isLocal else { return .ok(.socketAddress, "\(endpoint!)") }
        return .warning(
            .socketAddress,
            "\(endpoint) is not a loopback address: mail crosses the network in the clear, and whoever reaches the "
                + "address "
                + "can store messages",
            do: "use a unix socket or 127.0.0.1, with Postfix on the same host")
    }

    // MARK: Postfix's access

    private func access(_ endpoint: Endpoint) -> [Finding] {
        guard case .found(let setup) = postfix else {
            return [.notChecked(.socketAccess, "there is no Postfix here whose access could be tried")]
        }
        guard let user = SystemUser(name: setup.mailOwner) else {
            return [.notChecked(.socketAccess, "there is no user \(setup.mailOwner)")]
        }
        guard !isDown else { return [.notChecked(.socketAccess, "the daemon is not running")] }
        let ways = ways(setup, user, endpoint)
        let findings = ways.compactMap { way, services in way.finding(setup, endpoint, services) }
        guard findings.isEmpty else { return findings }
        let isReal = geteuid() == 0
        return [
            .ok(
                .socketAccess,
                isReal
                    ? "user \(user.name) connects"
                        + (ways.contains { $0.way.isChrooted } ? " from Postfix's chroot" : "")
                    : "by the modes, user \(user.name) can connect; run as root to try it")
        ]
    }

    /// The accesses of smtpd and cleanup, each with the services that have it; if they name another filter, as they
    /// would have to be.
    private func ways(
        _ setup: PostfixSetup, _ user: SystemUser, _ endpoint: Endpoint
    ) -> [(way: PostfixAccess, services: [String])] {
        func way(_ milter: MilterReference, _ isChrooted: Bool) -> PostfixAccess {
            PostfixAccess(
                address: milter.address, user: user, queueDirectory: setup.queueDirectory, isChrooted: isChrooted)
        }
        var ways: [(way: PostfixAccess, services: [String])] = []
        for list in setup.milterLists {
            guard let index = list.index(of: endpoint, setup) else { continue }
            let used = way(list.milters[index], list.service.isChrooted)
            if let same = ways.firstIndex(where: { $0.way == used }) {
                if !ways[same].services.contains(list.service.name) { ways[same].services.append(list.service.name) }
            } else {
                ways.append((used, [list.service.name]))
            }
        }
        guard ways.isEmpty else { return ways }
        let isChrooted = setup.services(running: "smtpd").contains(where: \.isChrooted)
        return [(way(MilterReference(address: setup.name(for: endpoint), settings: [:]), isChrooted), [])]
    }
}
