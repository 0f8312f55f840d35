import Foundation
import TestSupport
import Testing

/// A page of the manual: its text, and the code in it.
struct ManualPage: CustomTestStringConvertible {
    /// Every page: those at the root, and those in docs, deploy, postfix and Benchmarks.
    static let all: [ManualPage] = {
        let root = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
        let pages = ["docs", "deploy", "postfix", "Benchmarks"].flatMap { directory in
            (FileManager.default.enumerator(atPath: "\(Repository.path)/\(directory)")?.compactMap { $0 as? String }
                ?? [])
                .filter { $0.hasSuffix(".md") }.map { "\(directory)/\($0)" }
        }
        return (root + pages.sorted()).map { try! ManualPage($0) }
    }()

    /// Relative to the repository.
    let path: String
    let text: String

    init(_ path: String) throws {
        self.path = path
        text = try Repository.text(of: path)
    }

    var testDescription: String { path }

    /// A line, and whether it is in a code block. Lines that end in a backslash are joined with the next.
    var lines: [(text: String, code: Bool)] {
        var lines: [(text: String, code: Bool)] = []
        var (fenced, paragraph) = (false, false)
        for line in text.replacing("\\\n", with: "").components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                fenced.toggle()
                continue
            }
            let blank = line.allSatisfy(\.isWhitespace)
            // Four spaces begin a code block after an empty line, in a list a few more.
            let indented = line.hasPrefix("    ") && !paragraph
            paragraph = !blank && !indented
            lines.append((line, fenced || indented))
        }
        return lines
    }

    /// The code of the page: the lines of blocks, and the spans within lines.
    var code: [String] {
        lines.flatMap { line in
            line.code ? [line.text] : line.text.matches(of: #/`([^`]+)`/#).map { String($0.output.1) }
        }
    }

    /// The anchors of the page's headings, as forges make them.
    var anchors: Set<String> {
        Set(
            lines.filter { !$0.code && $0.text.hasPrefix("#") }.map { line in
                let heading = line.text.drop { $0 == "#" }.drop { $0 == " " }
                    .replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.output.1 }
                return String(
                    heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
                        .map { $0 == " " ? "-" : $0 })
            })
    }

    /// The targets of the page's links.
    var links: [String] {
        lines.filter { !$0.code }.flatMap { line in
            line.text.matches(of: #/\]\(([^)\s]+)\)/#).map { String($0.output.1) }
        }
    }
}
