import Foundation
import MIME
import TestSupport
import Testing

/// What MIME reads in every fixture of the project, beside what Python's email package reads in it.
///
/// Referee/differences.tsv has each difference with its reason. One that is not there fails, and one that is gone too.
@Suite struct RefereeTests {
    /// A fact in which the two differ.
    struct Difference: Hashable, CustomStringConvertible {
        let file: String
        let fact: String

        var description: String { "\(file)\t\(fact)" }
    }

    /// A line of the referee. What is nil it could not read.
    struct Reading: Decodable {
        enum Size: Decodable {
            case name(String?)
            case bytes(Int)

            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                self = if let bytes = try? value.decode(Int.self) { .bytes(bytes) } else {
                    .name(try? value.decode(String.self))
                }
            }
        }

        let file: String
        let subject: String?
        let from: [String]?
        let to: [String]?
        let text: String?
        let attachments: [[Size]]
    }

    private static let directories = ["MIMETests/Fixtures", "IntegrationTests/Fixtures", "IntegrationTests/Cases"]

    @Test func `MIME and Python's email read the same in every fixture, but for the differences that are explained`()
        throws
    {
        let folder = "\(Repository.path)/Tests/ReadingTests/Referee"
        let files = try Self.directories.flatMap { directory in
            let path = "\(Repository.path)/Tests/\(directory)"
            return try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".eml") }.sorted()
                .map { "\(path)/\($0)" }
        }
        let lines = try Command.check(["python3", "\(folder)/referee.py"] + files).split(separator: "\n")
        try #require(lines.count == files.count && files.count > 150)
        var found: [Difference: String] = [:]
        for line in lines {
            let reading = try JSONDecoder().decode(Reading.self, from: Data(line.utf8))
            let name = reading.file.split(separator: "/").suffix(2).joined(separator: "/")
            for (fact, ours, theirs) in try differences(reading) {
                found[Difference(file: name, fact: fact)] = "ours \(ours.prefix(200)), Python's \(theirs.prefix(200))"
            }
        }
        let explained = try explained(in: "\(folder)/differences.tsv")
        for (difference, seen) in found.sorted(by: { "\($0.key)" < "\($1.key)" }) where explained[difference] == nil {
            Issue.record("\(difference): \(seen)")
        }
        for difference in explained.keys.sorted(by: { "\($0)" < "\($1)" }) where found[difference] == nil {
            Issue.record("\(difference): no difference any more")
        }
    }

    private func explained(in path: String) throws -> [Difference: String] {
        let table = String(decoding: try contents(of: path), as: UTF8.self)
        // "Python 3.11.2"
        let version = try Command.check(["python3", "--version"]).split { " .\n".contains($0) }
        let release = try #require(Int(version[2]))
        var explained: [Difference: String] = [:]
        for row in table.split(separator: "\n").dropFirst() {
            let columns = row.split(separator: "\t").map(String.init)
            guard (3...4).contains(columns.count), columns[2].count > 10 else {
                throw HarnessError("differences.tsv: \(row)")
            }
            // Not every release differs: "until 3.11", "from 3.13".
            if columns.count == 4 {
                let bound = try #require(columns[3].split(separator: ".").last.flatMap { Int($0) })
                guard columns[3].hasPrefix("until ") ? release <= bound : release >= bound else { continue }
            }
            explained[Difference(file: columns[0], fact: columns[1])] = columns[2]
        }
        return explained
    }

    /// The facts in which the two differ.
    private func differences(_ theirs: Reading) throws -> [(fact: String, ours: String, theirs: String)] {
        let ours = Message(raw: try contents(of: theirs.file))
        var pairs = [
            ("subject", words(ours.subject), words(theirs.subject)),
            ("from", mailboxes(ours.from), mailboxes(theirs.from?.joined(separator: ", "))),
            ("to", mailboxes(ours.to), mailboxes(theirs.to?.joined(separator: ", "))),
            (
                "attachments", ours.attachments.filter { !$0.name.isEmpty }.map { "\($0.name),\($0.size)" }.joined(separator: "; "),
                theirs.attachments.map(attachment).joined(separator: "; ")
            ),
        ]
        if let text = theirs.text {
            // Folding marks and white space are ours to set; what HTML parts say beside it too.
            let (shown, read) = (words(ours.whole), words(text))
            pairs.append(("text", shown.contains(read) ? read : shown, read))
        }
        return pairs.filter { $0.1 != $0.2 }
    }

    private func attachment(_ facts: [Reading.Size]) -> String {
        facts.map { fact in
            switch fact {
            case .name(let name): name ?? ""
            case .bytes(let bytes): "\(bytes)"
            }
        }.joined(separator: ",")
    }

    private func words(_ text: String?) -> String {
        (text ?? "").split { $0.isWhitespace || $0 == ">" }.joined(separator: " ")
    }

    /// Without quotes, which both add where they find them needed.
    private func mailboxes(_ text: String?) -> String {
        words(text?.filter { $0 != "\"" && $0 != "\\" })
    }
}

extension Message {
    fileprivate var whole: String {
        text.map { block in
            switch block {
            case .text(let text), .quoted(let text, lines: _): text
            }
        }.joined(separator: "\n")
    }
}
