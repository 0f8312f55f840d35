import Glibc
public import Logging

/// Writes each message as one line to standard error, without time: journald and syslog add theirs.
public struct LineLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]

    public init(level: Logger.Level) { logLevel = level }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        // A control character in a quoted text must not forge a second line.
        let line = "\(event.message)".unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
        var bytes = Array(String(String.UnicodeScalarView(line)).utf8)
        bytes.append(UInt8(ascii: "\n"))
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
