import Core
public import Glibc
public import Logging
public import SettingsFile
import System

/// Writes each event as one line to standard error or to syslog; in text form without a time, which the journal and
/// syslog add. Any thread.
///
/// BUGS: a thread that logs is held up by a reader of standard error, or a syslog service, that stops reading.
public final class LogOutput: Sendable {
    public struct Form: Sendable {
        /// The lowest level that is written.
        public var level: Logger.Level
        public var format: LogFormat
        public var destination: LogDestination

        public init(
            level: Logger.Level = .info, format: LogFormat = .text, destination: LogDestination = .standardError
        ) {
            self.level = level
            self.format = format
            self.destination = destination
        }
    }

    private let storage: Snapshot<Form>
    private let descriptor: Int32
    /// Lines to the journal begin with their level, sd-daemon(3).
    private let isJournal: Bool

    /// `journal` is the value of JOURNAL_STREAM: device and inode of the descriptor that the service manager connected
    /// to the journal.
    public init(
        _ form: Form, descriptor: Int32 = STDERR_FILENO,
        journal: String? = getenv("JOURNAL_STREAM").map { String(cString: $0) }
    ) {
        storage = Snapshot(form)
        self.descriptor = descriptor
        var status = stat()
        isJournal = fstat(descriptor, &status) == 0 && journal == "\(status.st_dev):\(status.st_ino)"
        if form.destination == .syslog { Syslog.open() }
    }

    public var form: Form {
        get { storage.current }
        set {
            storage.replace(with: newValue)
            if newValue.destination == .syslog { Syslog.open() }
        }
    }

    func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        let form = form
        var line =
            switch form.format {
            case .json: JSONLine(time: .now(), level: level, message: message, metadata: metadata).bytes
            case .text: Self.oneLine(message)
            }
        switch form.destination {
        case .syslog: Syslog.send(level.priority, line)
        case .standardError:
            if isJournal { line = Array("<\(level.priority)>".utf8) + line }
            line.append(UInt8(ascii: "\n"))
            // In one call, so that lines of several threads do not mix.
            _ = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    /// A control character in a quoted text must not forge a second line.
    private static func oneLine(_ text: String) -> [UInt8] {
        if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return Array(text.utf8) }
        return Array(String(String.UnicodeScalarView(text.unicodeScalars.map { $0.breaksLines ? "?" : $0 })).utf8)
    }
}

extension Logger.Level {
    /// Of syslog(3).
    fileprivate var priority: Int32 {
        switch self {
        case .trace, .debug: LOG_DEBUG
        case .info: LOG_INFO
        case .notice: LOG_NOTICE
        case .warning: LOG_WARNING
        case .error: LOG_ERR
        case .critical: LOG_CRIT
        }
    }
}
