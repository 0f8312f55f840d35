import Core
import Glibc
import SettingsFile
import Spool

/// The spool: whether accepted messages are safe in it, and whether they move on.
struct SpoolCheck {
    let settings: Settings
    let daemon: RunningDaemon.Search

    /// Seconds that a message may wait for the database.
    private static let waiting = (warning: 900, critical: 14_400)

    func findings() -> [Finding] {
        guard let path = settings.spool else {
            return [.notChecked(.spoolDirectory, "no 'spool' in the configuration")]
        }
        guard let directory = FileStatus(path) else {
            guard errno == ENOENT || errno == ENOTDIR else {
                return [.notChecked(.spoolDirectory, "\(path): \(errorText()); run this as root")]
            }
            return [
                .critical(
                    .spoolDirectory, "\(path): \(errorText())",
                    do: "install -d -o lever-milter -g lever-milter -m 0700 \(path), and restart lever-milter")
            ]
        }
        guard directory.isDirectory else {
            return [
                .critical(.spoolDirectory, "\(path) is not a directory", do: "remove it, or name another as 'spool'")
            ]
        }
        guard access(path, R_OK | X_OK) == 0 else {
            return [
                .notChecked(.spoolDirectory, "\(path): \(errorText()); run this as root or as the daemon's user")
            ]
        }
        return [areas(path), mode(path, directory)] + fileSystem(path) + messages(path) + [routing(path)]
    }

    private var process: RunningDaemon? {
        if case .running(let process) = daemon { process } else { nil }
    }

    // MARK: Directories

    private static let areas = Spool.Area.allCases.map(\.rawValue)

    private func areas(_ path: String) -> Finding {
        let missing = Self.areas.filter { FileStatus("\(path)/\($0)")?.isDirectory != true }
        guard missing.isEmpty || process == nil else {
            return .critical(
                .spoolDirectory, "\(path) lacks \(missing.joined(separator: ", ")), which the daemon could not create",
                do: "see the 'error:' lines in its log; a restart creates what is missing")
        }
        let links = Self.areas.map { "\(path)/\($0)" }.filter(isLink)
        guard links.isEmpty else {
            return .critical(
                .spoolDirectory, "\(links.joined(separator: ", ")) leads out of the spool: somebody put a link there",
                do: "find out who did; stop lever-milter, remove the link, and start it again")
        }
        return .ok(.spoolDirectory, path)
    }

    private func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private func mode(_ path: String, _ directory: FileStatus) -> Finding {
        let owner = process?.user ?? directory.owner
        let name = SystemUser.name(of: owner)
        let repair = "chown -R \(name): \(path) && chmod 0700 \(path) \(path)/{\(Self.areas.joined(separator: ","))}"
        for place in [path] + Self.areas.map({ "\(path)/\($0)" }) {
            guard let file = FileStatus(place) else { continue }
            guard file.owner == owner else {
                return .critical(
                    .spoolMode,
                    "\(place) belongs to \(SystemUser.name(of: file.owner)), but the daemon runs as "
                        + "\(name)",
                    do: repair)
            }
            guard file.permissions & 0o077 == 0, file.permissions & 0o700 == 0o700 else {
                return .warning(
                    .spoolMode,
                    "\(place) has mode \(file.octal): others can see who gets mail, and add or remove files", do: repair
                )
            }
        }
        return .ok(.spoolMode, "mode 0700, owner \(name)")
    }

    // MARK: The disk

    private func fileSystem(_ path: String) -> [Finding] {
        // Each area may be a mount of its own.
        let places = [path] + Self.areas.map { "\(path)/\($0)" }
        let systems = places.compactMap { place in FileSystem(place).map { (place, $0) } }
        guard !systems.isEmpty else { return [.notChecked(.spoolFileSystem, "\(path): \(errorText())")] }
        return [
            first(systems, kind) ?? .ok(.spoolFileSystem, name(systems[0].1.kind)),
            first(systems, readOnly) ?? .ok(.spoolReadOnly, "writable"),
            first(systems, space) ?? .ok(.spoolSpace, "\(size(systems[0].1.free)) free"),
            first(systems, inodes)
                ?? .ok(.spoolInodes, systems[0].1.freeFiles.map { "\($0) free" } ?? "not counted on this file system"),
        ]
    }

    private func first(
        _ systems: [(path: String, system: FileSystem)], _ look: (String, FileSystem) -> Finding?
    ) -> Finding? {
        systems.compactMap { look($0.path, $0.system) }.max { $0.status < $1.status }
    }

    private func name(_ kind: FileSystem.Kind) -> String {
        switch kind {
        case .disk(let name), .memory(let name), .network(let name), .layer(let name): name
        }
    }

    private func kind(_ path: String, _ system: FileSystem) -> Finding? {
        let move = "put the spool on a local disk: stop lever-milter, move the directory, change 'spool', start it"
        return switch system.kind {
        case .disk: nil
        case .memory(let name):
            .critical(
                .spoolFileSystem, "\(path) is on \(name), in memory: accepted messages are lost in a power failure",
                do: move)
        case .network(let name):
            .warning(
                .spoolFileSystem, "\(path) is on \(name): fsync and locks depend on another host", do: move)
        case .layer(let name):
            .warning(
                .spoolFileSystem, "\(path) is on \(name), a container's own layer, which is removed with the container",
                do: "mount a volume of the host at \(path)")
        }
    }

    private func readOnly(_ path: String, _ system: FileSystem) -> Finding? {
        guard system.isReadOnly else { return nil }
        return .critical(
            .spoolReadOnly, "the file system of \(path) is read-only: marked mail is deferred",
            do: "find the reason in the kernel's log (dmesg), correct it, then mount -o remount,rw; lever-milter "
                + "needs no "
                + "restart")
    }

    /// Delivered messages are removed for new ones, so their space counts as free; `done_limit` bounds it.
    private func space(_ path: String, _ system: FileSystem) -> Finding? {
        let text = "\(size(system.free)) are free at \(path)"
        if system.free < settings.messageSizeLimit {
            return .critical(
                .spoolSpace,
                "\(text), less than the largest message needs ('message_size_limit'): marked mail is "
                    + "deferred",
                do: "free disk space, or move the spool to a larger disk")
        }
        if system.free < settings.inFlightLimit {
            return .warning(
                .spoolSpace, "\(text), less than the messages in transfer can need ('in_flight_limit')",
                do: "free disk space, or lower 'in_flight_limit' and 'done_limit' in \(settings.path)")
        }
        if system.total < settings.inFlightLimit + settings.doneLimit {
            return .warning(
                .spoolSpace,
                "the disk of \(path) has \(size(system.total)), less than 'in_flight_limit' and 'done_limit' together",
                do: "lower 'done_limit' in \(settings.path), or move the spool to a larger disk")
        }
        return nil
    }

    private func inodes(_ path: String, _ system: FileSystem) -> Finding? {
        guard let files = system.freeFiles, files < 10_000 else { return nil }
        let text = "\(files) more files can be created at \(path)"
        let advice = "remove files there, or move the spool to a file system with more inodes"
        return files < 100 ? .critical(.spoolInodes, text, do: advice) : .warning(.spoolInodes, text, do: advice)
    }

    // MARK: Messages

    private func messages(_ path: String) -> [Finding] {
        [quarantine(path), waiting(path), leftovers(path)]
    }

    /// The names of messages in an area, oldest first; they sort by time.
    private func names(_ area: Spool.Area, _ path: String) -> [String]? {
        guard FileStatus("\(path)/\(area.rawValue)") != nil else { return [] }
        return try? Spool.messageNames(in: "\(path)/\(area.rawValue)")
    }

    private func quarantine(_ path: String) -> Finding {
        guard let names = names(.quarantine, path) else { return .notChecked(.spoolQuarantine, errorText()) }
        guard !names.isEmpty else { return .ok(.spoolQuarantine, "empty") }
        return .warning(
            .spoolQuarantine, "\(count(names.count, "message")) in quarantine, captured but not on a timeline",
            do: "leverctl queue list gives the reason of each; docs/reference/spool.md says how to deliver them")
    }

    private func waiting(_ path: String) -> Finding {
        guard let new = names(.new, path), let again = names(.redeliver, path) else {
            return .notChecked(.spoolWaiting, errorText())
        }
        guard !(new + again).isEmpty else { return .ok(.spoolWaiting, "nothing waits") }
        // Redelivered messages have arrived once; their age says nothing.
        let age = new.first.flatMap { self.age(of: $0, path) } ?? 0
        let text =
            "\(count(new.count + again.count, "message")) waiting for the database"
            + (age > 0 ? ", up to \(span(age))" : "")
        let advice = "see database.reachable, and the 'database' lines in the log; leverctl queue flush retries now"
        if age > Self.waiting.critical { return .critical(.spoolWaiting, text, do: advice) }
        if age > Self.waiting.warning { return .warning(.spoolWaiting, text, do: advice) }
        return .ok(.spoolWaiting, text)
    }

    /// Since acceptance, whose time the name begins with (RFC 9562, version 7).
    private func age(of name: String, _ path: String) -> Int? {
        guard let bytes = EntryID(name)?.bytes else {
            return FileStatus("\(path)/new/\(name)").map { time(nil) - $0.changed }
        }
        return time(nil) - bytes[..<6].reduce(0) { $0 << 8 | Int($1) } / 1000
    }

    /// Files that a crash left behind.
    private func leftovers(_ path: String) -> Finding {
        guard let temporary = namesInDirectory("\(path)/tmp") else {
            return FileStatus("\(path)/tmp") == nil
                ? .ok(.spoolLeftovers, "none") : .notChecked(.spoolLeftovers, errorText())
        }
        let old = temporary.filter { name in
            guard name != ".", name != "..", let file = FileStatus("\(path)/tmp/\(name)") else { return false }
            return time(nil) - file.changed > 3600
        }
        guard !old.isEmpty else { return .ok(.spoolLeftovers, "none") }
        return .warning(
            .spoolLeftovers,
            "\(count(old.count, "file")) in \(path)/tmp older than an hour: messages that were never accepted",
            do: "restart lever-milter, which removes them; their senders try again")
    }

    private func routing(_ path: String) -> Finding {
        let file = "\(path)/routing"
        do {
            guard let rows = try RoutingFile(path: file).load() else {
                return .warning(
                    .spoolRouting, "there is no saved routing: the daemon cannot start while the database is down",
                    do: "start lever-milter while the database is reachable; it saves the routing")
            }
            let companies = rows.count { $0.item == .company }
            let age = FileStatus(file).map { ", last changed \(span(time(nil) - $0.changed)) ago" } ?? ""
            return .ok(.spoolRouting, "\(companies) companies\(age)")
        } catch let error as RoutingFile.Damaged {
            return .critical(
                .spoolRouting, "\(error)",
                do: "remove \(file) and restart lever-milter while the database is reachable")
        } catch {
            return .notChecked(.spoolRouting, "\(error)")
        }
    }

    private func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}
