import Glibc

/// The host's syslog service, with facility mail, as Postfix uses it. glibc connects to /dev/log by itself, and
/// reconnects after the service was restarted.
public enum Syslog {
    /// openlog(3) keeps the pointer, so the string is never freed. Nothing writes to it.
    nonisolated(unsafe) private static let identity = UnsafePointer(strdup("lever-milter"))
    /// LOG_MAIL, a macro with a shift, which Swift does not import.
    private static let mailFacility: Int32 = 2 << 3

    /// May be called again.
    static func open() { openlog(identity, LOG_PID, mailFacility) }

    /// False if no service would take a line: glibc drops it silently.
    public static var isReachable: Bool { access("/dev/log", F_OK) == 0 }

    /// `line` has no NUL.
    static func send(_ priority: Int32, _ line: [UInt8]) {
        (line + [0]).withUnsafeBufferPointer { line in
            line.withMemoryRebound(to: CChar.self) { line in
                withVaList([line.baseAddress!]) { vsyslog(priority, "%s", $0) }
            }
        }
    }
}
