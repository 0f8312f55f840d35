import SettingsFile
import Core
import Glibc
import Logging
import System

/// Writes each event as one line, without time where whoever takes it adds one: to standard error, or to syslog. Any
/// thread.
///
/// BUGS: a reader of standard error, or a syslog service, that takes nothing more holds up whoever logs.
final class LogOutput: Sendable {
    struct Form: Sendable {
        /// The lowest that is written.
        var level = Logger.Level.info
        var format = LogFormat.text
        var destination = LogDestination.standardError
    }

    private let storage: Snapshot<Form>
    private let descriptor: Int32
    /// Lines there begin with their level, sd-daemon(3).
    private let isJournal: Bool

    /// `journal` is the value of JOURNAL_STREAM: where the service manager made a descriptor the journal's, its device
    /// and inode.
    init(
        _ form: Form, descriptor: Int32 = STDERR_FILENO,
        journal: String? = getenv("JOURNAL_STREAM").map { String(cString: $0) }
    ) {
        storage = Snapshot(form)
        self.descriptor = descriptor
        var status = stat()
        isJournal = fstat(descriptor, &status) == 0 && journal == "\(status.st_dev):\(status.st_ino)"
        if form.destination == .syslog { Syslog.open() }
    }

    var form: Form {
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
            // One call, so that lines of several threads do not mix.
            _ = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
    }

    /// A control character in a quoted text must not forge a second line.
    private static func oneLine(_ text: String) -> [UInt8] {
        if text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) { return Array(text.utf8) }
        return Array(String(String.UnicodeScalarView(text.unicodeScalars.map { $0.breaksLines ? "?" : $0 })).utf8)
    }
}

extension LogOutput.Form {
    init(_ options: Options) {
        self.init(level: options.logLevel, format: options.logFormat, destination: options.logDestination)
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
