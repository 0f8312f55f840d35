import CLinux
import Foundation
import Glibc

/// A Postfix program's access to the filter: its user and groups, its root directory, and its name for the socket.
struct PostfixAccess: Hashable, Sendable {
    /// As Postfix's configuration names it.
    let address: String
    let user: SystemUser
    let queueDirectory: String
    let isChrooted: Bool

    /// Seconds.
    private static let limit = 4

    private var reference: MilterReference { MilterReference(address: address, settings: [:]) }

    /// Nil if the program reaches a filter. `services` are those of master.cf that have this access.
    func finding(_ setup: PostfixSetup, _ endpoint: Endpoint, _ services: [String]) -> Finding? {
        let places = services.isEmpty ? "" : "\(services.joined(separator: ", ")): "
        if let path = reference.path {
            return geteuid() == 0 ? tried(path, setup, endpoint, places) : computed(path, places)
        }
        guard let target = reference.endpoint(queueDirectory: queueDirectory, isChrooted: isChrooted) else {
            return nil
        }
        do {
            _ = try MilterProbe.negotiate(target.connect(seconds: Self.limit))
            return nil
        } catch {
            return .critical(
                .socketAccess, "\(places)Postfix cannot reach the filter at \(address): \(error)",
                do: "check that lever-milter is running and that 'socket' and Postfix name the same address")
        }
    }

    // MARK: As root: connecting

    private func tried(
        _ path: String, _ setup: PostfixSetup, _ endpoint: Endpoint, _ places: String
    ) -> Finding? {
        do {
            guard let connected = TimeLimit.run(Double(Self.limit), { Result(catching: { try connect(path) }) }) else {
                throw SocketError(ETIMEDOUT)
            }
            _ = try MilterProbe.negotiate(connected.get())
            return nil
        } catch let error as SocketError {
            return .critical(
                .socketAccess,
                "\(places)user \(user.name)\(isChrooted ? " in the chroot \(queueDirectory)" : "") cannot connect "
                    + "to \(address): \(error)",
                do: advice(error.code, path, setup, endpoint))
        } catch let error as Refused {
            return .notChecked(.socketAccess, error.description)
        } catch {
            return .critical(
                .socketAccess, "\(places)\(address) does not negotiate with user \(user.name): \(error)",
                do: "restart lever-milter; its log has the reason")
        }
    }

    /// The thread could not take Postfix's rights, as in some containers.
    private struct Refused: Error, CustomStringConvertible {
        let description: String

        init(_ step: String) { description = "\(step) is not allowed here: \(errorText())" }
    }

    /// Call on a thread of its own: afterwards the thread has the rights and the root directory of Postfix's user.
    private func connect(_ path: String) throws -> Int32 {
        guard CLinux_thread_unshare_fs() == 0 else { throw Refused("unshare") }
        guard chdir(queueDirectory) == 0 else { throw SocketError(errno) }
        if isChrooted, chroot(".") != 0 { throw Refused("chroot") }
        guard CLinux_thread_setgroups(UInt(user.groups.count), user.groups) == 0, CLinux_thread_setgid(user.group) == 0,
            CLinux_thread_setuid(user.id) == 0
        else { throw Refused("changing the user") }
        return try Endpoint.connectUnix(path, seconds: Self.limit)
    }

    // MARK: As another user: file modes

    private func computed(_ path: String, _ places: String) -> Finding? {
        guard let (obstacle, isSocket) = obstacle(path) else { return nil }
        return .critical(
            .socketAccess,
            "\(places)by its mode, user \(user.name) cannot \(isSocket ? "connect to" : "pass through") \(obstacle)",
            do: permissionAdvice(obstacle, isSocket))
    }

    /// The first directory on the path that the user cannot search, or the socket that the user cannot write to.
    private func obstacle(_ path: String) -> (path: String, isSocket: Bool)? {
        guard case .unix(let target)? = reference.endpoint(queueDirectory: queueDirectory, isChrooted: isChrooted)
        else {
            return nil
        }
        var place = ""
        let names = target.split(separator: "/")
        for name in names.dropLast() {
            place += "/\(name)"
            if let directory = FileStatus(place), !directory.allows(1, user) { return (place, false) }
        }
        if let file = FileStatus(target), !file.allows(2, user) { return (target, true) }
        return nil
    }

    // MARK: What to do

    private func advice(_ code: Int32, _ path: String, _ setup: PostfixSetup, _ endpoint: Endpoint) -> String {
        switch code {
        case ENOENT, ENOTDIR:
            guard case .unix(let ours) = endpoint else { return "check the address" }
            let isInside = setup.name(for: endpoint) != "unix:\(ours)"
            return isInside
                ? "replace \(address) in Postfix's configuration with \(setup.name(for: endpoint)); then "
                    + "postfix reload"
                : "Postfix looks below \(queueDirectory): set 'socket: "
                    + "unix:\(queueDirectory)/lever-milter/milter.sock' "
                    + "and write unix:lever-milter/milter.sock in main.cf (docs/howto/postfix.md)"
        case EACCES, EPERM:
            guard let (obstacle, isSocket) = obstacle(path) else {
                return "the modes allow it: check access control lists and AppArmor"
            }
            return permissionAdvice(obstacle, isSocket)
        case ECONNREFUSED:
            return "nothing listens on this socket: systemctl restart lever-milter"
        default:
            return "check that lever-milter is running: systemctl status lever-milter"
        }
    }

    private func permissionAdvice(_ obstacle: String, _ isSocket: Bool) -> String {
        let group = SystemUser.groupName(user.group)
        if isSocket {
            return
                "chgrp \(group) \(obstacle) && chmod 0660 \(obstacle); to make it permanent: chgrp \(group) and "
                + "chmod 2750 "
                + "its directory, set 'socket_mode: \"0660\"' in lever-milter.yaml, and restart"
        }
        return "chgrp \(group) \(obstacle) && chmod g+x \(obstacle)"
    }
}
