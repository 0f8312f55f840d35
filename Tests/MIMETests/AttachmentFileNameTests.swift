import Testing

@testable import MIME

/// What attachments are called when they are saved.
@Suite struct AttachmentFileNameTests {
    private func fileName(_ name: String, type: String = "application/octet-stream") -> String {
        Message.Attachment(name: name, type: type, size: 1).fileName(number: 7)
    }

    @Test(arguments: [
        ("cv.pdf", "cv.pdf"), ("Lebenslauf Zoë.pdf", "Lebenslauf Zoë.pdf"), ("履歴書.docx", "履歴書.docx"),
        ("a.tar.gz", "a.tar.gz"), ("README", "README"), ("no. 5", "no. 5"),
        // Paths.
        ("../../etc/passwd", "_.._etc_passwd"), ("/etc/passwd", "_etc_passwd"),
        ("C:\\Users\\x\\cv.pdf", "C__Users_x_cv.pdf"),
        ("..", "attachment-7"), (".", "attachment-7"), ("...", "attachment-7"), ("/", "_"), ("a/../b", "a_.._b"),
        ("\\\\host\\share", "__host_share"),
        // Hidden files, options, what Windows cuts off or does not take.
        (".bashrc", "bashrc"), (" .profile", "profile"), (". .x", "x"), ("-rf", "_rf"), ("-\u{301}x", "_\u{301}x"),
        ("cv.pdf.", "cv.pdf"), ("cv.pdf . .", "cv.pdf"), ("what?*<now>|\"x\":y", "what___now___x__y"),
        ("CON", "_CON"), ("con.txt", "_con.txt"), ("Nul .tar.gz", "_Nul .tar.gz"), ("lpt9", "_lpt9"),
        ("COM¹.log", "_COM¹.log"),
        ("CONIN$", "_CONIN$"), ("COM10", "COM10"), ("console.txt", "console.txt"), ("auxiliary", "auxiliary"),
        // Control, bidirectional and invisible characters, and blanks that push the extension out of sight.
        ("a\u{0}b.pdf", "ab.pdf"), ("a\r\nb.pdf", "a b.pdf"), ("cv\u{202e}fdp.exe", "cvfdp.exe"),
        ("\u{2066}cv\u{2069}.pdf", "cv.pdf"),
        ("\u{feff}cv\u{200b}.pdf", "cv.pdf"), ("cv.pdf\u{2028}.exe", "cv.pdf .exe"), ("\u{1b}[2Jcv.pdf", "[2Jcv.pdf"),
        ("cv.pdf      \u{a0}\u{3000}\u{2003}     .exe", "cv.pdf .exe"), ("\u{9b}1mcv.pdf", "1mcv.pdf"),
        ("\u{7f}", "attachment-7"),
        ("\u{e0041}\u{ad}cv\u{fffe}.pdf", "cv.pdf"), ("\u{200f}..\u{200f}/x", "_x"), ("  ", "attachment-7"),
        ("\u{3164}", "attachment-7"),
        (".\u{200b}.\u{200b}", "attachment-7"), ("x\u{200b}.", "x"),
    ]) func `a name is safe on any system`(name: String, saved: String) {
        #expect(fileName(name) == saved)
        // Whatever is given is safe already.
        #expect(AttachmentFileName(saved: saved).text == saved)
    }

    @Test(arguments: [
        ("application/pdf", "attachment-7.pdf"), ("image/jpeg", "attachment-7.jpg"), ("text/plain", "attachment-7.txt"),
        ("text/calendar", "attachment-7.ics"), ("message/rfc822", "attachment-7.eml"),
        ("application/octet-stream", "attachment-7"), ("application/x-unheard-of", "attachment-7"),
        ("", "attachment-7"),
        ("application/../../x", "attachment-7"),
    ]) func `without a name it has a number and an extension of its type`(type: String, saved: String) {
        #expect(fileName("", type: type) == saved)
    }

    @Test(arguments: [
        ("Re: your offer", "Re_ your offer.eml"), ("Invoice.pdf", "Invoice.pdf.eml"), ("mail.EML", "mail.EML"),
        ("", "attachment-7.eml"), ("..", "attachment-7.eml"), ("nul", "_nul.eml"),
    ]) func `an attached message is called by its subject`(subject: String, saved: String) {
        #expect(fileName(subject, type: "message/rfc822") == saved)
        let message = Message.AttachedMessage(from: "", date: "", subject: subject)
        #expect(
            Message.Attachment(name: "", type: "message/rfc822", size: 1, message: message).fileName(number: 7) == saved
        )
    }

    @Test(arguments: ["a", "é", "字", "🧑‍🚀"]) func `a long name is cut before its extension`(character: String) {
        for count in [60, 250, 255, 300, 2000] {
            let long = String(repeating: character, count: count)
            let name = fileName(long + ".pdf")
            #expect(name.utf8.count <= 255 && name.hasSuffix(".pdf") && name.utf8.count > 60)
            let further = AttachmentFileName(saved: name).numbered(12)
            #expect(further.utf8.count <= 255 && further.hasSuffix(" (12).pdf"))
            #expect(
                fileName(long, type: "message/rfc822").hasSuffix("\(character.unicodeScalars.first!).eml")
                    || character.utf8.count > 4)
            // As long as a whole name: no extension.
            #expect(fileName("a." + long).utf8.count <= 255)
        }
        let dots = fileName(String(repeating: "x", count: 248) + ". . . .pdf")
        #expect(dots.utf8.count <= 255 && dots.hasSuffix(".pdf"))
    }

    @Test func `a name that was cut has the extension of its type again`() {
        let name = String(repeating: "x", count: 255) + "…"
        #expect(fileName(name, type: "application/pdf") == String(repeating: "x", count: 251) + ".pdf")
    }

    @Test(arguments: [("cv.pdf", "cv (2).pdf"), ("README", "README (2)"), ("a.tar.gz", "a.tar (2).gz")])
    func `a further file of the name has a number`(name: String, numbered: String) {
        #expect(AttachmentFileName(saved: name).numbered(2) == numbered)
    }
}
