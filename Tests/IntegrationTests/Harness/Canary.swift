import Foundation
import TestSupport

/// A word that is unique to one message, and the search for it.
///
/// Found in any of these forms: plain, in any case; UTF-16 of either byte order; hexadecimal; base64 at any of the
/// three offsets; quoted-printable.
struct Canary: Sendable {
    /// Letters and digits.
    let word: String

    init() {
        word = "canary" + Letter.unique() + Letter.unique()
    }

    /// The word with a prefix that tells where it was found.
    func marked(_ place: String) -> String { "\(word)-\(place)" }

    /// Every byte in quoted-printable.
    var quotedPrintable: String { word.utf8.map { "=" + Self.hex($0).uppercased() }.joined() }

    private static func hex(_ byte: UInt8) -> String {
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }

    /// For `grep --perl-regexp --ignore-case`.
    private var expression: String {
        let bytes = Array(word.utf8)
        // The characters at both ends depend on the neighbouring bytes.
        let base64 = (0..<3).map { shift -> String in
            let text = Data(Array(repeating: 0, count: shift) + bytes).base64EncodedString()
            let certain = text.dropFirst(shift == 0 ? 0 : shift + 1).prefix { $0 != "=" }.dropLast()
            return String(certain).replacingOccurrences(of: "+", with: "\\+")
        }
        let wide = word.map { "\($0)" }.joined(separator: "\\x00")
        return ([word, wide, bytes.map(Self.hex).joined(), quotedPrintable] + base64).joined(separator: "|")
    }

    /// The files below these paths that contain the word, each with the text around its first occurrence.
    func traces(below paths: String...) throws -> [String] {
        try grep(["--files-with-matches", expression], paths).split(separator: "\n").map { file in
            let context = try grep(["--only-matching", "--max-count=1", ".{0,24}(\(expression)).{0,24}"], ["\(file)"])
            return "\(file): " + String(context.unicodeScalars.map { " "..."~" ~= $0 ? Character($0) : "." })
        }
    }

    private func grep(_ options: [String], _ paths: [String]) throws -> String {
        let grep = try Command.run(
            ["grep", "--recursive", "--text", "--ignore-case", "--devices=skip", "--perl-regexp"] + options + ["--"]
                + paths, environment: ["LC_ALL": "C"], timeout: 120)
        // A file that vanishes meanwhile is not an error.
        guard grep.status <= 1 || grep.errors.contains("No such file") else {
            throw HarnessError("grep: \(grep.status): \(grep.errors)")
        }
        return grep.text
    }
}
