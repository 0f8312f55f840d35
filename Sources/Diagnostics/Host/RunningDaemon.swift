import Glibc

/// The process that holds a spool's lock, from /proc. Values that this user may not see are nil.
struct RunningDaemon: Sendable {
    let pid: Int32
    /// Its effective user.
    let user: UInt32?
    /// Seconds since 1970.
    let startedAt: Int?
    let arguments: [String]
    /// The program's file, with ` (deleted)` appended by the kernel if it was removed.
    let program: String?
    /// Limit of file descriptors, and how many are open.
    let descriptorLimit: Int?
    let openDescriptors: Int?

    enum Search: Sendable {
        case running(RunningDaemon)
        case none
        /// It could not be determined, for this reason.
        case unknown(String)
    }

    /// Finds the process that has locked the spool. Takes no lock itself, which would make a daemon starting at this
    /// moment fail.
    static func find(spool: String) -> Search {
        guard access(spool, X_OK) == 0 || errno == ENOENT else {
            return .unknown("\(spool): \(errorText()); run this as root")
        }
        let locked = [FileStatus("\(spool)/lock"), FileStatus(spool)].compactMap(\.self)
        let named = readText("\(spool)/lock").flatMap { Int32($0.prefix { $0.isNumber }) }
        guard let locks = readText("/proc/locks", limit: 1 << 24) else {
            guard let named, isLeverMilter(named) else { return .unknown("no /proc/locks here") }
            return .running(RunningDaemon(pid: named))
        }
        for line in locks.split(separator: "\n") {
            // 1: FLOCK  ADVISORY  WRITE 16173 fe:00:16477652 0 EOF
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 8, fields[1] == "FLOCK", let pid = Int32(fields[4]) else { continue }
            let place = fields[5].split(separator: ":")
            guard place.count == 3, let inode = UInt(place[2]), locked.contains(where: { $0.inode == inode })
            else { continue }
            // The device is not compared: on some file systems it differs from stat(2)'s.
            if pid <= 0 { return .unknown("a process that is not visible from here holds the spool") }
            if isLeverMilter(pid) || pid == named { return .running(RunningDaemon(pid: pid)) }
        }
        return .none
    }

    private static func isLeverMilter(_ pid: Int32) -> Bool {
        readText("/proc/\(pid)/comm")?.hasPrefix("lever-milter") == true
    }

    private init(pid: Int32) {
        self.pid = pid
        let status = readText("/proc/\(pid)/status") ?? ""
        user = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }
            .flatMap { $0.split { $0 == "\t" || $0 == " " }.dropFirst(2).first }.flatMap { UInt32($0) }
        startedAt = Self.startTime(pid)
        arguments = (readText("/proc/\(pid)/cmdline") ?? "").split(separator: "\0").map(String.init)
        program = readLink("/proc/\(pid)/exe")
        // The daemon moves its soft limit, up to the hard limit.
        descriptorLimit = (readText("/proc/\(pid)/limits") ?? "").split(separator: "\n")
            .first { $0.hasPrefix("Max open files") }
            .flatMap { $0.split(separator: " ").dropLast().last }.map { Int($0) ?? .max }
        openDescriptors = namesInDirectory("/proc/\(pid)/fd")?.count
    }

    private static func startTime(_ pid: Int32) -> Int? {
        // proc(5): pid (name) state …; the start time is field 22, in clock ticks since boot.
        guard let text = readText("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")"),
            let boot = readText("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("btime ") })
                .flatMap({ Int($0.dropFirst(6)) })
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = Int(fields[19]) else { return nil }
        return boot + ticks / sysconf(Int32(_SC_CLK_TCK))
    }

    /// The value of `--config`, if there is one.
    var configuration: String? {
        for (index, argument) in arguments.enumerated() {
            if argument == "--config" { return arguments.indices.contains(index + 1) ? arguments[index + 1] : nil }
            if argument.hasPrefix("--config=") { return String(argument.dropFirst(9)) }
        }
        return nil
    }

    /// The address that an inherited socket listens on.
    func address(ofDescriptor number: Int32) -> Endpoint? {
        guard let link = readLink("/proc/\(pid)/fd/\(number)"), link.hasPrefix("socket:["), link.hasSuffix("]") else {
            return nil
        }
        let inode = link.dropFirst(8).dropLast()
        for line in (readText("/proc/\(pid)/net/unix", limit: 1 << 24) ?? "").split(separator: "\n") {
            // Num RefCount Protocol Flags Type St Inode Path
            let fields = line.split(separator: " ", maxSplits: 7)
            if fields.count == 8, fields[6] == inode { return .unix(String(fields[7])) }
        }
        for (file, isIPv6) in [("tcp", false), ("tcp6", true)] {
            for line in (readText("/proc/\(pid)/net/\(file)", limit: 1 << 24) ?? "").split(separator: "\n") {
                // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
                let fields = line.split(separator: " ")
                guard fields.count > 9, fields[9] == inode else { continue }
                let local = fields[1].split(separator: ":")
                guard local.count == 2, let port = UInt16(local[1], radix: 16) else { continue }
                if isIPv6 { return .tcp(host: Set(local[0]) == ["0"] ? "::" : "::1", port: port) }
                guard let address = UInt32(local[0], radix: 16) else { continue }
                let bytes = withUnsafeBytes(of: address) { $0.map(String.init) }
                return .tcp(host: bytes.joined(separator: "."), port: port)
            }
        }
        return nil
    }
}
