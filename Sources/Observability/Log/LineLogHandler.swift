import Logging

/// swift-log's way to the output, which all copies share.
struct LineLogHandler: LogHandler {
    let output: LogOutput
    var metadata: Logger.Metadata = [:]

    init(output: LogOutput) { self.output = output }

    var logLevel: Logger.Level {
        get { output.form.level }
        set { output.form.level = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        output.write(event.level, "\(event.message)", event.metadata ?? [:])
    }
}
