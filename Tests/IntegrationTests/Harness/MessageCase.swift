import Foundation
import TestSupport
import Testing

/// A message of Cases/, how it is fed, and what the timeline must say of it. Cases/README.md explains the table.
struct MessageCase: Sendable, CustomTestStringConvertible {
    enum Feed: String, Sendable { case smtp, replay }

    let id: String
    let feed: Feed
    private let options: [String: String]
    /// All of them must hold; of each, one alternative.
    let expectations: [[CaseTerm]]
    let why: String

    var testDescription: String { id }

    var sender: String { options["from"] ?? "joerg@home.example" }
    var recipient: String { options["to"] ?? "rita@\(Self.domain)" }
    /// Of MAIL FROM.
    var parameters: String { options["mail"] ?? "" }
    var candidate: String { options["candidate"] ?? "joerg@home.example" }
    /// Its host trusts Authentication-Results.
    var isChecked: Bool { options["host"] == "mx2" }
    var isAfterAllBefore: Bool { options["after"] != nil }
    /// What counts is the bounce that comes of it.
    var bounces: Bool { options["bounces"] != nil }

    /// In the place of the company's domain.
    static let domain = "acme.example"

    static let all = Result { try read() }

    private static func read() throws -> [MessageCase] {
        let table = String(decoding: try contents(of: "\(directory)/cases.tsv"), as: UTF8.self)
        return try table.split(separator: "\n").dropFirst().map { row in
            let columns = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count == 4, let made = try MessageCase(columns) else { throw HarnessError("cases.tsv: \(row)") }
            return made
        }
    }

    private init?(_ columns: [String]) throws {
        let words = columns[1].split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        guard let kind = words.first.flatMap(Feed.init) else { return nil }
        (id, feed, why) = (columns[0], kind, columns[3])
        options = Dictionary(
            words.dropFirst().map { word in
                let parts = word.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }, uniquingKeysWith: { first, _ in first })
        expectations = try columns[2].components(separatedBy: " && ").map {
            try $0.components(separatedBy: " || ").map(CaseTerm.init)
        }
    }

    private static var directory: String { "\(Bundle.module.resourcePath!)/Cases" }

    /// The message for a thread of that marker, of a company with that domain.
    func message(marker: String, domain: String) throws -> [UInt8] {
        try contents(of: "\(Self.directory)/\(id).eml")
            .replacing("@MARKER@", with: marker)
            .replacing("@BARE@", with: String(marker.dropFirst().dropLast()))
            .replacing("@QMARKER@", with: Self.encodedWords(marker))
            .replacing(Self.domain, with: domain)
    }

    /// As Python's email package writes what does not fit a line of 78.
    private static func encodedWords(_ id: String) -> String {
        var words: [String] = [""]
        for byte in id.utf8 {
            let isLetter = byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
            let code = isLetter ? String(Unicode.Scalar(byte)) : "=" + String(byte, radix: 16, uppercase: true)
            if words[words.count - 1].utf8.count + code.utf8.count > 60 { words.append("") }
            words[words.count - 1] += code
        }
        return words.map { "=?utf-8?q?\($0)?=" }.joined(separator: "\r\n ")
    }
}
