import Core
import Logging

/// Names of the fields that every JSON line has, besides those of its event.
enum LogField {
    static let time = "time"
    static let level = "level"
    static let event = "event"
    static let queueID = "queue_id"
    static let message = "message"
}

/// A logged event as one line of JSON (RFC 8259): time, level, event, the queue ID if there is one, and then the
/// event's own fields by name. An event that is not about a message has the text form's words as well.
///
/// Written by hand because the daemon does not load Foundation.
struct JSONLine {
    private(set) var bytes: [UInt8] = []

    init(time: Timestamp, level: Logger.Level, message: String, metadata: Logger.Metadata) {
        var own = metadata
        bytes.append(UInt8(ascii: "{"))
        append(LogField.time, .string(time.description))
        append(LogField.level, .string(level.rawValue))
        for key in [LogField.event, LogField.queueID] {
            if let value = own.removeValue(forKey: key) { append(key, value) }
        }
        if metadata[LogField.queueID] == nil { append(LogField.message, .string(message)) }
        for (key, value) in own.sorted(by: { $0.key < $1.key }) { append(key, value) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func append(_ key: String, _ value: Logger.MetadataValue) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        append(key)
        bytes.append(UInt8(ascii: ":"))
        append(value)
    }

    private mutating func append(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): append(text)
        case .stringConvertible(let number as any BinaryInteger): bytes += "\(number)".utf8
        // JSON has no infinity and no NaN.
        case .stringConvertible(let number as Double) where number.isFinite: bytes += "\(number)".utf8
        case .stringConvertible(let other): append("\(other)")
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                append(value)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let fields):
            bytes.append(UInt8(ascii: "{"))
            for (key, value) in fields.sorted(by: { $0.key < $1.key }) { append(key, value) }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Escapes what JSON demands, and every character that could end a line or control a terminal.
    private mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes += "\\\"".utf8
            case "\\": bytes += "\\\\".utf8
            case _ where scalar.breaksLines:
                // None of these is beyond the first plane.
                let digits = String(scalar.value, radix: 16)
                bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            default: bytes += UTF8.encode(scalar)!
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension Unicode.Scalar {
    /// Could end a line or control a terminal.
    var breaksLines: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
