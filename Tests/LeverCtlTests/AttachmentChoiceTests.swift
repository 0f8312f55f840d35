import MIME
import Testing

@testable import leverctl

/// `--only` of `message attachments`.
@Suite struct AttachmentChoiceTests {
    private let choice: AttachmentChoice

    init() {
        let parts = ["cv.pdf", "cv.pdf", "a/b.txt", "", "2", "\u{202e}x"].map { name in
            "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"\(name)\"\r\n\r\nx\r\n"
        }
        let raw =
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\(parts.joined(separator: "--b\r\n"))--b--\r\n"
        choice = AttachmentChoice(of: MessageAttachments(raw: Array(raw.utf8)).list)
    }

    @Test(arguments: [
        ([], [0, 1, 2, 3, 4, 5]), (["cv.pdf"], [0, 1]), (["a/b.txt"], [2]), (["a_b.txt"], [2]), (["4"], [3]),
        (["3", "1"], [0, 2]),
        // A name comes before a number.
        (["2"], [4]), (["attachment-4.pdf"], [3]), (["cv.pdf", "1", "cv.pdf"], [0, 1]), (["\\u{202E}x"], [5]),
        (["x"], [5]),
    ])
    func `attachments are chosen by name, by the name of their file, or by number`(
        texts: [String], chosen: [Int]
    ) throws {
        #expect(try choice.indices(of: texts) == chosen)
    }

    @Test(arguments: ["cv", "", "0", "7", "-1", "CV.PDF", "99999999999999999999"])
    func `what is not there is an error that lists what is`(text: String) {
        let error = #expect(throws: CommandError.self) { try choice.indices(of: ["cv.pdf", text]) }
        let description = error?.description ?? ""
        #expect(description.hasPrefix("the message has no attachment '\(text)'; it has 1 'cv.pdf', 2 'cv.pdf',"))
        #expect(description.contains("4, 5 '2'"))
    }
}
