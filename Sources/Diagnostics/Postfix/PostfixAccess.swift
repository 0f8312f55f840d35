import CLinux
import Foundation
import Glibc

/// The way that a program of Postfix's goes to the filter: its user and groups, its root directory, its name for the
/// socket.
struct PostfixAccess: Hashable, Sendable {
    let address: MilterReference
    let user: SystemUser
    let queueDirectory: String
    let isChrooted: Bool

    /// Seconds.
    private static let limit = 4

    /// Nil if it leads to a filter.
    func finding(_ setup: PostfixSetup, _ endpoint: Endpoint) -> Finding? {
        if let path = address.path { return geteuid() == 0 ? tried(path, setup, endpoint) : computed(path, endpoint) }
        guard let target = address.endpoint(queueDirectory: queueDirectory, isChrooted: isChrooted) else { return nil }
        do {
            _ = try MilterProbe.negotiate(target.connect(seconds: Self.limit))
            return nil
        } catch {
            return .critical(
                .socketAccess, "Postfix does not get to the filter at \(address.address): \(error)",
                do: "see that lever-milter runs and that 'socket' and Postfix name the same address")
        }
    }

    // MARK: Really tried

    private func tried(_ path: String, _ setup: PostfixSetup, _ endpoint: Endpoint) -> Finding? {
        do {
            guard let connected = TimeLimit.run(Double(Self.limit), { Result(catching: { try connect(path) }) }) else {
                throw SystemError(ETIMEDOUT)
            }
            _ = try MilterProbe.negotiate(connected.get())
            return nil
        } catch let error as SystemError {
            return .critical(
                .socketAccess,
                "user \(user.name)\(isChrooted ? " in the chroot \(queueDirectory)" : "") cannot connect "
                    + "to \(address.address): \(error)",
                do: advice(error.code, path, setup, endpoint))
        } catch let error as Refused {
            return .notChecked(.socketAccess, error.description)
        } catch {
            return .critical(
                .socketAccess, "\(address.address) does not negotiate with user \(user.name): \(error)",
                do: "restart lever-milter; its log says what it waits for")
        }
    }

    /// This thread could not be made one of Postfix's, as in some containers.
    private struct Refused: Error, CustomStringConvertible {
        let description: String

        init(_ step: String) { description = "\(step) is not allowed here: \(errorText())" }
    }

    /// Call it in a thread of its own: the thread has the rights of Postfix's user from then on, and the other root.
    private func connect(_ path: String) throws -> Int32 {
        guard CLinux_thread_unshare_fs() == 0 else { throw Refused("unshare") }
        guard chdir(queueDirectory) == 0 else { throw SystemError(errno) }
        if isChrooted, chroot(".") != 0 { throw Refused("chroot") }
        guard CLinux_thread_setgroups(UInt(user.groups.count), user.groups) == 0, CLinux_thread_setgid(user.group) == 0,
            CLinux_thread_setuid(user.id) == 0
        else { throw Refused("changing the user") }
        return try Endpoint.connectUnix(path, seconds: Self.limit)
    }

    // MARK: Computed from modes

    private func computed(_ path: String, _ endpoint: Endpoint) -> Finding? {
        guard let (obstacle, isSocket) = obstacle(path) else { return nil }
        return .critical(
            .socketAccess,
            "by the modes, user \(user.name) may not \(isSocket ? "connect to" : "go through") \(obstacle)",
            do: permissionAdvice(obstacle, isSocket))
    }

    /// The first directory on the way that the user may not go through, or the socket that it may not write to.
    private func obstacle(_ path: String) -> (path: String, isSocket: Bool)? {
        guard case .unix(let target)? = address.endpoint(queueDirectory: queueDirectory, isChrooted: isChrooted) else {
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
                ? "write \(setup.name(for: endpoint)) in Postfix's main.cf in place of \(address.address); then "
                    + "postfix reload"
                : "Postfix looks below \(queueDirectory): set 'socket: unix:\(queueDirectory)/lever-milter/milter.sock' "
                    + "and write unix:lever-milter/milter.sock in main.cf (docs/howto/postfix.md, steps 1 to 3)"
        case EACCES, EPERM:
            guard let (obstacle, isSocket) = obstacle(path) else {
                return "see access control lists and AppArmor: the modes would let it"
            }
            return permissionAdvice(obstacle, isSocket)
        case ECONNREFUSED:
            return "nothing listens at this file: systemctl restart lever-milter"
        default:
            return "see that lever-milter runs: systemctl status lever-milter"
        }
    }

    private func permissionAdvice(_ obstacle: String, _ isSocket: Bool) -> String {
        let group = SystemUser.groupName(user.group)
        if isSocket {
            return
                "chgrp \(group) \(obstacle) && chmod 0660 \(obstacle); so that it stays: chgrp \(group) and chmod 2750 "
                + "its directory, 'socket_mode: \"0660\"' in lever-milter.yaml, and restart"
        }
        return "chgrp \(group) \(obstacle) && chmod g+x \(obstacle)"
    }
}
