import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Attachments as files, of mail whose sender chose the names.
    @Suite struct Attachments {
        private struct Listing: Decodable {
            struct Attachment: Decodable {
                let number: Int
                let name: String
                let type: String
                let size: Int
                let file: String?
            }
            let entry: String
            let attachments: [Attachment]
        }

        private let company: OwnCompany
        private let directory: TemporaryDirectory
        private let entry: String

        init() async throws {
            company = try await OwnCompany()
            directory = try TemporaryDirectory("attachments")
            let body = Self.parts.joined(separator: "\n--b\n")
            entry = try await Self.capture(company, body: "--b\n\(body)\n--b--\n")
        }

        private static func capture(_ company: OwnCompany, body: String) async throws -> String {
            let thread = try company.startThread()
            var letter = Letter("Files").answering(thread.messageId).with("MIME-Version", "1.0")
                .with("Content-Type", "multipart/mixed; boundary=b")
            letter.body = Array(body.replacing("\n", with: "\r\n").utf8)
            let id = try company.host.send(letter, to: [company.address])
            return try await company.host.story(of: id).entry
        }

        private static let parts = [
            "Content-Type: text/plain\n\nSee what is attached.",
            "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"cv.pdf\"\n\nfirst",
            "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"cv.pdf\"\n\nsecond",
            "Content-Type: text/x-sh\nContent-Disposition: attachment; filename=\"../../.bashrc\"\n\nsteal",
            "Content-Type: image/png\nContent-Disposition: inline\nContent-ID: <logo>\n\npixels",
            "Content-Type: message/rfc822\n\nFrom: a@b.example\nSubject: An offer: 1/2\n\nInside.",
            "Content-Type: application/zip; name=\"large.zip\"\n\n" + String(repeating: "large ", count: 1000),
        ]

        private func attachments(_ arguments: String..., key: String? = nil) throws -> Command {
            try company.ctl.run(
                ["message", "attachments", entry, "--private-key", key ?? company.privateKey] + arguments, timeout: 60)
        }

        private func files() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: directory.file("out")).sorted()
        }

        private func content(_ name: String) throws -> String {
            String(decoding: try contents(of: directory.file("out/\(name)")), as: UTF8.self)
        }

        @Test func `attachments are listed, and saved under safe names once the audit has a row of it`() throws {
            let listed: Listing = try LeverCtl.decode(attachments("--json").output)
            #expect(listed.entry == entry && listed.attachments.map(\.number) == Array(1...6))
            #expect(
                listed.attachments.map(\.name) == [
                    "cv.pdf", "cv.pdf", "../../.bashrc", "", "An offer: 1/2", "large.zip",
                ])
            #expect(listed.attachments.allSatisfy { $0.file == nil })
            let table = try attachments().text.split(separator: "\n")
            #expect(table[0].split(separator: " ") == ["NUMBER", "NAME", "TYPE", "SIZE"] && table.count == 7)
            #expect(table[4].contains("(no name)") && table[4].contains("image/png"))

            let saved = try attachments("--save", directory.file("out"), "--reason", "for the interview")
            #expect(saved.status == 0, "\(saved.errors)")
            #expect(
                try files() == [
                    "An offer_ 1_2.eml", "_.._.bashrc", "attachment-4.png", "cv (2).pdf", "cv.pdf", "large.zip",
                ])
            #expect(try content("cv.pdf") == "first" && content("cv (2).pdf") == "second")
            #expect(try content("An offer_ 1_2.eml").contains("Inside."))
            #expect(saved.text.contains("Saved \(directory.file("out"))/cv (2).pdf (6 bytes)."))
            for file in try files() {
                let attributes = try FileManager.default.attributesOfItem(atPath: directory.file("out/\(file)"))
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
            let audit = try company.host.postgres.query(
                """
                SELECT action, allowed, reason FROM lever.audit
                WHERE company_id = \(company.id) AND entry_id = '\(entry)' ORDER BY seq
                """, database: MailHost.database)
            #expect(
                audit == """
                    open|t|message attachments
                    open|t|message attachments
                    export|t|for the interview
                    """)
        }

        @Test func `nothing that exists is written over, nor written to through a link`() throws {
            try FileManager.default.createDirectory(atPath: directory.file("out"), withIntermediateDirectories: false)
            let precious = try directory.write("precious", "mine")
            let links = [("cv.pdf", precious), ("cv (2).pdf", directory.file("missing")), ("large.zip", "/")]
            for (name, target) in links {
                try FileManager.default.createSymbolicLink(
                    atPath: directory.file("out/\(name)"), withDestinationPath: target)
            }
            let saved = try attachments("--save", directory.file("out"), "--only", "cv.pdf", "--only", "6", "--json")
            let listing: Listing = try LeverCtl.decode(saved.output)
            #expect(
                listing.attachments.map(\.file)
                    == ["cv (3).pdf", "cv (4).pdf", "large (2).zip"].map { directory.file("out/\($0)") })
            #expect(try content("cv (3).pdf") == "first" && content("cv (4).pdf") == "second")
            #expect(try contents(of: precious) == Array("mine".utf8))
            #expect(!FileManager.default.fileExists(atPath: directory.file("missing")))
        }

        @Test func `what cannot be saved is said, and leaves nothing behind`() async throws {
            let out = directory.file("out")
            let unknown = try attachments("--save", out, "--only", "cv.doc")
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("no attachment 'cv.doc'; it has 1 'cv.pdf', 2 'cv.pdf',"))
            let sealed = try attachments("--save", out, key: company.host.acme.privateKey)
            #expect(sealed.status == 1 && sealed.errors.contains("not sealed to this private key"))
            let nested = try attachments("--save", directory.file("no/such"))
            #expect(nested.status == 1 && nested.errors.contains("No such file or directory; nothing was saved"))
            let file = try attachments("--save", try directory.write("file", ""))
            #expect(file.status == 1 && file.errors.contains("Not a directory; nothing was saved"))
            #expect(!FileManager.default.fileExists(atPath: out))

            // As on a full disk: no file may have more than a kilobyte.
            var environment = company.ctl.environment
            environment["ENTRY"] = entry
            environment["KEY"] = company.privateKey
            let full = try Command.run(
                [
                    "/bin/bash", "-c",
                    """
                    trap '' XFSZ; ulimit -f 1
                    exec "$0" message attachments "$ENTRY" --private-key "$KEY" --save "$1" --only 1 --only large.zip
                    """, Products.path("leverctl"), out,
                ], environment: environment, timeout: 60)
            #expect(full.status == 1 && full.errors.contains("large.zip: File too large; 1 attachment before it saved"))
            #expect(try files() == ["cv.pdf"])

            let plain = try await Self.capture(company, body: "--b\nContent-Type: text/plain\n\nNothing.\n--b--\n")
            let none = try company.ctl.run(
                "message", "attachments", plain, "--private-key", company.privateKey, "--save", directory.file("none"))
            #expect(none.status == 0 && none.text.contains("has no attachments; nothing was saved."))
            #expect(!FileManager.default.fileExists(atPath: directory.file("none")))
        }
    }
}
