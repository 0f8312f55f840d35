import Logging

/// One line of the log, written once and used twice: as text for people, and as fields for programs.
///
/// An interpolation with a key is a field: `\("size", 4711)` shows as `size=4711`. A part of the prose can be a field
/// as well, under a key that the text does not show.
struct LogLine: ExpressibleByStringInterpolation, Sendable {
    let text: String
    let fields: Logger.Metadata

    init(stringLiteral text: String) { (self.text, fields) = (text, [:]) }

    init(stringInterpolation: Interpolation) {
        (text, fields) = (stringInterpolation.text, stringInterpolation.fields)
    }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""
        fileprivate var fields: Logger.Metadata = [:]

        init(literalCapacity: Int, interpolationCount: Int) {}

        mutating func appendLiteral(_ literal: String) { text += literal }

        /// `key=value`; `quoted` if the value may have spaces.
        mutating func appendInterpolation(_ key: String, _ value: String, quoted: Bool = false) {
            text += quoted ? "\(key)=\"\(value)\"" : "\(key)=\(value)"
            fields[key] = .string(value)
        }

        /// `key=number`; the unit stands in the text alone.
        mutating func appendInterpolation<Number: Numeric & CustomStringConvertible & Sendable>(
            _ key: String, _ number: Number, unit: String = ""
        ) {
            text += "\(key)=\(number)\(unit)"
            fields[key] = .stringConvertible(number)
        }

        /// Prose that is a field as well; the text does not show the key.
        mutating func appendInterpolation(prose: String, _ key: String, _ value: Logger.MetadataValue? = nil) {
            text += prose
            fields[key] = value ?? .string(prose)
        }

        /// A part that several lines share, with its fields.
        mutating func appendInterpolation(_ part: LogLine) {
            text += part.text
            fields.merge(part.fields) { $1 }
        }
    }
}
