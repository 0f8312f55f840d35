import Foundation
import TestSupport
import Testing

/// The pages whose commands deploy/trials/manual runs, by whom the comments before their blocks say.
@Suite struct ManualBlockTests {
    private static let pages = ["docs/tutorial/install.md", "docs/howto/postfix.md"]

    private func blocks(_ page: String) throws -> [(kind: String, value: String)] {
        let directory = try TemporaryDirectory("blocks")
        try Command.check(["perl", "\(Repository.path)/deploy/manual/blocks.pl", directory.path, "\(Repository.path)/\(page)"])
        return try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted().map { name in
            let text = String(decoding: try contents(of: directory.file(name)), as: UTF8.self)
            return (String(name.split(separator: ".")[1]), String(text.prefix { $0 != "\n" }))
        }
    }

    @Test(arguments: pages)
    func `every block of commands says who runs it, or why the trial does not`(_ page: String) throws {
        let blocks = try blocks(page)
        let roles: Set = ["database admin", "operator", "mail admin", "reader"]
        #expect(blocks.count { $0.kind == "as" } > 5)
        for (kind, value) in blocks {
            switch kind {
            case "as": #expect(roles.contains(String(value.prefix { $0 != "," })), "\(value)")
            case "not-run": #expect(value.split(separator: " ").count > 2, "\(value)")
            default: break
            }
        }
        // Commands stand in blocks alone: the trial sees no others.
        let text = try Repository.text(of: page).replacing(#/```[\s\S]*?```/#, with: "")
        #expect(!text.contains("\n\n    "), "a block by indentation")
    }

    @Test func `a block without a comment is refused, and so is a comment without a block`() throws {
        let directory = try TemporaryDirectory("blocks")
        for text in ["```sh\nls\n```\n", "<!-- as: reader -->\n\nText.\n", "<!-- as: reader -->\n```sh\nls\n"] {
            let page = try directory.write("page.md", text)
            #expect(throws: (any Error).self) {
                try Command.check(["perl", "\(Repository.path)/deploy/manual/blocks.pl", directory.path, page])
            }
        }
    }

    @Test(
        arguments: [
            ("a 12 b\n── …\n", "first\na 7 b\n── 2026\nlast\n", ""),
            ("Message-ID: MESSAGE-ID\n", "Message-ID: <x>\n", "MESSAGE-ID <x>\n"),
            ("a\nb\n", "b\na\n", nil), ("a.c\n", "abc\n", nil), ("a\n", "", nil),
        ] as [(String, String, String?)])
    func `what is printed is compared line by line, and words in capitals take what stands in their place`(
        _ expected: String, _ printed: String, _ values: String?
    ) throws {
        let directory = try TemporaryDirectory("prints")
        let arguments = [
            "perl", "\(Repository.path)/deploy/manual/prints.pl", try directory.write("expected", expected),
            try directory.write("printed", printed), try directory.write("values", ""),
        ]
        guard let values else {
            #expect(throws: (any Error).self) { try Command.check(arguments) }
            return
        }
        try Command.check(arguments)
        #expect(String(decoding: try contents(of: directory.file("values")), as: UTF8.self) == values)
    }
}
