import Core
import Foundation
import MIME

/// Looks for a text in what is shown of a message. Upper and lower case are one, and so are letters with and without
/// marks (é and e, ü and u, ß and ss), and blanks of any kind and number, so that a phrase is found across lines.
struct TextSearch {
    private let wanted: String

    /// Nil if the text has nothing to look for.
    init?(_ text: String) {
        wanted = Self.folded(text)
        guard wanted.contains(where: { $0 != " " }) else { return nil }
    }

    func isIn(_ text: String) -> Bool { Self.folded(text).contains(wanted) }

    /// From, To, Cc, Reply-To, subject, text, invitations, and the names of what is attached.
    func isIn(_ message: Message, _ reading: ReadingContext) -> Bool {
        let fields = [message.from, message.to, message.cc, message.replyTo, message.subject]
        // A phrase may go on behind the mark of the next quoted line, and from what is quoted to what is not.
        let text = message.text.map { block in
            block.content.split(separator: "\n").map { $0.drop { "> ".contains($0) } }.joined(separator: "\n")
        }.joined(separator: "\n")
        let invitations = message.invitations.lazy.map { $0.lines(zone: reading.timeZone).joined(separator: "\n") }
        let names = message.attachments.lazy.map { attachment in
            ([attachment.name] + (attachment.message.map { [$0.from, $0.subject] } ?? [])).joined(separator: "\n")
        }
        return fields.contains(where: isIn) || isIn(text) || names.contains(where: isIn)
            || invitations.contains(where: isIn)
    }

    static func folded(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        // Letters apart from their marks, and one form of letters that have several (full width, ligatures).
        for scalar in text.lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars {
            if scalar.properties.isWhitespace {
                if folded.last != " " { folded.append(" ") }
            } else if let letters = others[scalar] {
                folded.append(contentsOf: letters.unicodeScalars)
            } else if !isMark(scalar), !scalar.properties.isDefaultIgnorableCodePoint {
                folded.append(scalar)
            }
        }
        return String(folded)
    }

    /// Marks that people leave out: of Latin, Greek and Cyrillic letters, and vowels of Hebrew and Arabic. In other
    /// scripts a mark is a letter of its own.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x300...0x36f, 0x591...0x5bd, 0x5bf, 0x5c1...0x5c2, 0x5c4...0x5c5, 0x5c7, 0x64b...0x652, 0x670: true
        default: false
        }
    }

    /// Letters that do not come apart.
    private static let others: [Unicode.Scalar: String] = [
        "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h",
        "ŧ": "t",
        "ς": "σ",
    ]
}
