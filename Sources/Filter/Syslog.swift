import Glibc

/// The host's syslog service, facility mail, as Postfix uses it. glibc connects to /dev/log by itself, and again after
/// the service was restarted.
enum Syslog {
    /// Kept by openlog(3), so it is never freed; nobody writes to it.
    nonisolated(unsafe) private static let identity = UnsafePointer(strdup("lever-milter"))
    /// A macro with a shift, which Swift does not see.
    private static let mailFacility: Int32 = 2 << 3

    /// May be called again.
    static func open() { openlog(identity, LOG_PID, mailFacility) }

    /// False where nobody would take a line: glibc drops it silently.
    static var isReachable: Bool { access("/dev/log", F_OK) == 0 }

    /// `line` has no NUL.
    static func send(_ priority: Int32, _ line: [UInt8]) {
        (line + [0]).withUnsafeBufferPointer { line in
            line.withMemoryRebound(to: CChar.self) { line in
                withVaList([line.baseAddress!]) { vsyslog(priority, "%s", $0) }
            }
        }
    }
}
