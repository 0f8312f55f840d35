import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Timelines of mail that is made to fill or to drive a terminal.
    @Suite struct HostileTimeline {
        private func show(_ body: String, type: String = "text/html; charset=utf-8") async throws -> (
            text: String, json: [UInt8]
        ) {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            var letter = Letter("Bomb").answering(thread.messageId).with("MIME-Version", "1.0").with(
                "Content-Type", type
            )
            .with("Content-Transfer-Encoding", "8bit")
            letter.body = Array(body.utf8)
            let id = try company.host.send(letter, to: [company.address])
            #expect(try await company.host.story(of: id).outcome == "captured")
            let arguments = [
                "timeline", "--company", company.name, "--candidate", "\(thread.candidate)", "--private-key",
                company.privateKey, "--unfold",
            ]
            let json = try company.ctl.run(arguments + ["--json"], timeout: 60)
            #expect(json.status == 0)
            return (try company.ctl.text(arguments), json.output)
        }

        @Test(arguments: ["<ul><li>a", "<blockquote>a", "<table><tr><td>a", "<div><b>a"])
        func `six thousand nested elements show as bounded text`(_ unit: String) async throws {
            let (text, json) = try await show(
                String(repeating: String(repeating: unit, count: 20) + "\r\n", count: 300))
            #expect(text.utf8.count < 3_000_000 && json.count < 3_000_000)
            #expect(text.filter { $0 == "a" }.count >= 6000 || text.contains("more bytes of text; "))
        }

        @Test func `what is not shown is said, in text and in JSON`() async throws {
            let (text, json) = try await show(
                String(repeating: "\u{1b}line of text\r\n", count: 100_000), type: "text/plain; charset=utf-8")
            #expect(text.utf8.count < 3_000_000 && json.count < 3_000_000)
            #expect(text.contains("more bytes of text; leverctl message export "))
            #expect(String(decoding: json, as: UTF8.self).contains("\"text_bytes\" : "))
        }

        @Test func `control, bidirectional and invisible characters are escaped, in text and in JSON`() async throws {
            let (text, json) = try await show(
                "a\u{9b}31mb \u{202e}txt.exe \u{7f}\u{200b}\u{e0041} 👩\u{200d}💻\r\n", type: "text/plain; charset=utf-8")
            for text in [text, String(decoding: json, as: UTF8.self)] {
                for character: Unicode.Scalar in ["\u{9b}", "\u{202e}", "\u{7f}", "\u{200b}", "\u{e0041}"] {
                    #expect(!text.unicodeScalars.contains(character))
                }
                #expect(text.contains("👩\u{200d}💻"))
            }
            #expect(text.contains("a\\u{9B}31mb \\u{202E}txt.exe \\u{7F}\\u{200B}\\u{E0041}"))
            #expect(
                String(decoding: json, as: UTF8.self).contains(
                    "a\\u009b31mb \\u202etxt.exe \\u007f\\u200b\\udb40\\udc41"))
        }
    }
}
