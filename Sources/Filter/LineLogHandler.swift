import Glibc
import Logging
import Synchronization

/// Writes each message as one line to standard error, without time: journald and syslog add theirs.
struct LineLogHandler: LogHandler {
    /// The lowest level that is written, for all copies of the handler.
    final class Threshold: Sendable {
        private let storage: Mutex<Logger.Level>

        init(_ level: Logger.Level) { storage = Mutex(level) }

        var level: Logger.Level {
            get { storage.withLock { $0 } }
            set { storage.withLock { $0 = newValue } }
        }
    }

    let threshold: Threshold
    var metadata: Logger.Metadata = [:]

    init(threshold: Threshold) { self.threshold = threshold }

    var logLevel: Logger.Level {
        get { threshold.level }
        set { threshold.level = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // A control character in a quoted text must not forge a second line.
        let line = "\(event.message)".unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
        var bytes = Array(String(String.UnicodeScalarView(line)).utf8)
        bytes.append(UInt8(ascii: "\n"))
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
