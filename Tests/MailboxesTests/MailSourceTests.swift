import Foundation
import TestSupport
import Testing

@testable import Mailboxes

/// Everything in a source: messages as they were on the wire, and the problems.
private struct Reading {
    var messages: [[UInt8]] = []
    var names: [String] = []
    var dates: [Int] = []
    var problems: [String] = []

    var texts: [String] { messages.map { String(decoding: $0, as: UTF8.self) } }

    init(_ path: String, _ format: MailSource.Format? = nil, headerLimit: Int = 1 << 20) throws {
        let source = try MailSource(path, format: format)
        while let item = source.next() {
            switch item {
            case .unreadable(_, let reason): problems.append(reason)
            case .message(let message):
                do {
                    var bytes: [UInt8] = []
                    try message.readHeader(limit: headerLimit) { name, value in
                        bytes += name + [58] + value.flatMap { $0 == 10 ? [13, 10] : [$0] } + [13, 10]
                    }
                    bytes += [13, 10]
                    try message.readBody { bytes += $0 }
                    messages.append(bytes)
                    names.append(message.name)
                    dates.append(message.storedAt)
                } catch {
                    problems.append("\(error)")
                }
            }
        }
        #expect(source.position == source.total)
    }
}

@Suite struct MailSourceTests {
    private let directory = try! TemporaryDirectory("mailfiles")

    static let separator = "From anna@home.example  Mon Nov 23 09:12:44 2026\n"

    @Test(arguments: [
        "A: 1\nB: 2\n\nText\n", "A: 1\r\nB: 2\r\n\r\nText\r\n", "A: 1\nB: 2\n\nText", "A: 1\r\nB: 2\n\nText",
    ])
    func `a message is read as it was on the wire, whatever its line endings`(_ text: String) throws {
        let reading = try Reading(directory.write("one.eml", text))
        #expect(reading.texts == ["A: 1\r\nB: 2\r\n\r\nText\r\n"])
    }

    @Test(arguments: [
        // A CR at the end of a line is the message's own, where lines end in LF.
        ("A: 1\n\nText\r\n\r\nMore\rless\n", "A: 1\r\n\r\nText\r\r\n\r\r\nMore\rless\r\n"),
        ("A: 1\n", "A: 1\r\n\r\n"), ("A: 1\n\n", "A: 1\r\n\r\n"), ("A: 1", "A: 1\r\n\r\n"),
        // Postfix shows a filter a field's name without the blanks after it.
        ("A: 1\n 2\n\t3\nB : 4\n\n", "A: 1\r\n 2\r\n\t3\r\nB: 4\r\n\r\n"),
        // The header ends at the first line that is not a field.
        ("A: 1\nno field\nB: 2\n", "A: 1\r\n\r\nno field\r\nB: 2\r\n"),
        ("A: 1\n:\n", "A: 1\r\n\r\n:\r\n"), ("A: 1\nÄ: 2\n", "A: 1\r\n\r\nÄ: 2\r\n"),
        ("A: 1\u{0}2\n 3\nB:\n\nx\u{0}y\n", "A: 1\r\nB:\r\n\r\nx\u{0}y\r\n"),
        (separator + "A: 1\n\nFrom here on\n>From x\n", "A: 1\r\n\r\nFrom here on\r\n>From x\r\n"),
    ])
    func `a file with a single message is read`(_ text: String, _ expected: String) throws {
        #expect(try Reading(directory.write("one.eml", text), .eml).texts == [expected])
    }

    @Test(arguments: [
        ("", "it is empty"), ("\n", "no header field"), (" x\n", "no header field"),
        ("\u{0}\u{1}", "no header field"), ("Hello,\nA: 1\n", "no header field"),
    ])
    func `a file that is not mail is reported with the reason`(_ text: String, _ reason: String) throws {
        let reading = try Reading(directory.write("one.eml", text))
        #expect(reading.messages == [])
        #expect(reading.problems.count == 1 && reading.problems[0].contains(reason))
    }

    private static let mail = "A: 1\nB: 2\n\nText\n"
    private static let wire = "A: 1\r\nB: 2\r\n\r\nText\r\n"
    private static let mark = "\u{feff}"

    /// As Apple Mail writes a message.
    private static func emlx(_ message: String, length: Int? = nil, blanks: String = "") -> String {
        "\(length ?? message.utf8.count)\(blanks)\n\(message)<?xml version=\"1.0\"?>\n<plist></plist>\n"
    }

    @Test(arguments: [
        mark + mail, mark + mail.replacing("\n", with: "\r\n"), "\n\n" + mail,
        "\r\n\r\n" + mail.replacing("\n", with: "\r\n"),
        mark + "\n" + mail, "\n" + separator + mail, mark + separator + mail, separator + "\n" + mail,
        "From anna\n" + mail, ">From anna\n" + mail, " \t\n" + mail, emlx(mail), emlx(mail, blanks: "      "),
        emlx("\n" + mail), emlx(mail.replacing("\n", with: "\r\n")), "\(mail.utf8.count)\n\(mail)",
    ])
    func `what a program put in front of a message or behind it is not part of it`(_ text: String) throws {
        #expect(try Reading(directory.write("one.eml", text)).texts == [Self.wire])
        #expect(try Reading(directory.write("one.eml", text), .eml).texts == [Self.wire])
    }

    @Test func `a byte order mark behind the beginning is the message's own`() throws {
        let text = "A: \(Self.mark)1\n\n\(Self.mark)Text\n"
        #expect(
            try Reading(directory.write("one.eml", Self.mark + text)).texts
                == ["A: \(Self.mark)1\r\n\r\n\(Self.mark)Text\r\n"])
    }

    @Test func `an mbox with a byte order mark or empty lines in front is an mbox`() throws {
        let text = Self.separator + "A: 1\n\nText\n\n" + Self.separator + "A: 2\n\n"
        for front in [Self.mark, "\n", Self.mark + "\r\n\n"] {
            let path = try directory.write("mbox", front + text)
            let reading = try Reading(path)
            #expect(reading.texts == ["A: 1\r\n\r\nText\r\n", "A: 2\r\n\r\n"])
            #expect(reading.names[0] == "\(path), message 1 at byte \(front.utf8.count)")
        }
        try Command.check(["gzip", directory.write("zipped", Self.mark + text)])
        #expect(try Reading(directory.file("zipped.gz")).texts.count == 2)
    }

    @Test(arguments: [String.Encoding.utf16LittleEndian, .utf16BigEndian])
    func `a file in UTF-16 is read as UTF-8`(_ encoding: String.Encoding) throws {
        let long = String(repeating: "Grüße 🙂 ", count: 20_000)
        let text = "A: ä\r\n\r\n\(long)\r\n"
        let bytes = [UInt8]((Self.mark + text).data(using: encoding)!)
        let reading = try Reading(directory.write("one.eml", bytes))
        let isSame = reading.texts == [text]
        #expect(isSame && reading.problems == [])
        let mbox = [UInt8]((Self.mark + Self.separator + text).data(using: encoding)!)
        #expect(try Reading(directory.write("mbox", mbox)).messages.count == 1)
        // Half a character, and half a pair.
        let half = [0xff, 0xfe] + Array("A\0:\0\n\0\n\0".utf8) + [0x3d, 0xd8, 0x41]
        let cut = try Reading(directory.write("cut.eml", half))
        #expect(cut.texts == ["A:\r\n\r\n\u{fffd}\r\n"])
    }

    @Test(arguments: [1, 1000, -10])
    func `a message of Apple Mail whose length is wrong is refused`(_ delta: Int) throws {
        let text = Self.emlx(Self.mail, length: Self.mail.utf8.count + delta)
        try directory.write("1.emlx", text)
        let reading = try Reading(directory.path)
        #expect(reading.messages == [])
        #expect(reading.problems.count == 1 && reading.problems[0].contains("copy the file again"))
    }

    @Test func `a mailbox of Apple Mail is read without what was attached, and says what is not whole`() throws {
        try directory.makeDirectory("Messages")
        try directory.makeDirectory("Attachments")
        try directory.write("Messages/1.emlx", Self.emlx("A: 1\n\n"))
        try directory.write("Messages/2.partial.emlx", Self.emlx("A: 2\n\n"))
        try directory.write("Attachments/x.eml", "A: no\n\n")
        let source = try MailSource(directory.path)
        var warnings: [Bool] = []
        while case .message(let message)? = source.next() {
            warnings.append(message.warning?.contains("attachments") ?? false)
        }
        #expect(warnings == [false, true])
        #expect(try Reading(directory.path).texts == ["A: 1\r\n\r\n", "A: 2\r\n\r\n"])
    }

    @Test(arguments: [
        ([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "msgconvert"),
        (Array("!BDN".utf8) + [1, 2, 3, 4] + Array("SM".utf8), "readpst"),
        (Array("!BDN".utf8) + [1, 2, 3, 4] + Array("SO".utf8), "export"),
        ([0xcf, 0xad, 0x12, 0xfe], "undbx"), ([0x1a, 0, 0, 4, 0, 0], "Notes"),
        ([0x78, 0x9f, 0x3e, 0x22, 1, 0], "winmail.dat"), (Array("PK".utf8) + [3, 4], ".olm"),
        ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "unxz"), (Array("BZh91AY&SY".utf8), "bunzip2"),
        ([0x28, 0xb5, 0x2f, 0xfd], "unzstd"),
    ] as [([UInt8], String)])
    func `a store of another program is refused with what turns it into mail`(
        _ start: [UInt8], _ advice: String
    ) throws {
        let bytes = start + [UInt8](repeating: 0, count: 100)
        for name in ["one", "one.eml"] {
            let path = try directory.write(name, bytes)
            let refused = #expect(throws: MailFileError.self) {
                let source = try MailSource(path)
                guard case .unreadable(_, let reason)? = source.next() else { return }
                throw MailFileError(reason)
            }
            #expect(refused?.description.contains(advice) == true)
        }
        #expect(throws: MailFileError.self) { try MailSource(directory.write("one", bytes), format: .mbox) }
    }

    @Test func `a directory names the stores in it that are not read`() throws {
        try directory.write("a.eml", "A: 1\n\n")
        try directory.write("b.MSG", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
        try directory.write("c.msg", "A: 2\n\n")
        try directory.write("d.pst", Array("!BDN".utf8))
        let reading = try Reading(directory.path)
        #expect(reading.texts == ["A: 1\r\n\r\n", "A: 2\r\n\r\n"])
        #expect(reading.problems.count == 2 && reading.problems[0].contains("msgconvert"))
    }

    @Test func `an mbox is split at its From lines and unquoted according to its variant`() throws {
        let text =
            Self.separator
            + "A: 1\n\nFrom here on it is text.\n\nFrom there too.\n>From quoted\n>>From twice\n> From no\n\n\n"
            + Self.separator + "A: 2\n\n" + Self.separator + "A: 3\n\nNo final newline"
        let path = try directory.write("mbox", text)
        let body = "From here on it is text.\r\n\r\nFrom there too.\r\nFrom quoted\r\n"
        let reading = try Reading(path)
        #expect(
            reading.texts == [
                "A: 1\r\n\r\n\(body)>From twice\r\n> From no\r\n\r\n", "A: 2\r\n\r\n",
                "A: 3\r\n\r\nNo final newline\r\n",
            ])
        #expect(
            reading.names[1]
                == "\(path), message 2 at byte \(text.range(of: "A: 2")!.lowerBound.utf16Offset(in: text) - Self.separator.utf8.count)"
        )
        #expect(reading.dates == [1_795_425_164, 1_795_425_164, 1_795_425_164])
        #expect(
            try Reading(path, .mboxo).texts[0] == "A: 1\r\n\r\n\(body)>>From twice\r\n> From no\r\n\r\n")
        #expect(
            try Reading(directory.write("crlf", text.replacing("\n", with: "\r\n"))).texts == reading.texts)
    }

    @Test func `an empty mbox has no messages, and a file that is not an mbox is reported as such`() throws {
        #expect(try Reading(directory.write("empty", ""), .mbox).messages == [])
        let error = #expect(throws: MailFileError.self) {
            try MailSource(directory.write("text", "Hello\n"), format: .mbox)
        }
        #expect(error?.description.contains("no mbox") == true)
        #expect(throws: MailFileError.self) { try MailSource(directory.path, format: .mbox) }
        #expect(throws: MailFileError.self) { try MailSource(directory.write("file", "A: 1\n"), format: .maildir) }
        #expect(throws: MailFileError.self) { try MailSource(directory.path) }
        #expect(throws: MailFileError.self) { try MailSource(directory.file("missing")) }
    }

    @Test func `a message that is not read to its end does not affect the next one in an mbox`() throws {
        let path = try directory.write(
            "mbox", Self.separator + "A: 1\n\nText\n\n" + Self.separator + "A: 2\n\nText\n\n" + Self.separator + "no\n")
        let source = try MailSource(path)
        var names: [String] = []
        var failures = 0
        while case .message(let message)? = source.next() {
            do {
                try message.readHeader(limit: 1000) { name, _ in names.append(String(decoding: name, as: UTF8.self)) }
            } catch {
                failures += 1
            }
        }
        #expect(names == ["A", "A"] && failures == 1)
    }

    /// Lines that invite mistakes, in messages written as mboxrd and read again.
    @Test(arguments: 0..<12)
    func `a message written as mboxrd is read back unchanged`(_ seed: Int) throws {
        var generator = SplitMix64(seed: UInt64(seed))
        let long = String(repeating: "x", count: LineReader.pieceLimit)
        let lines = [
            "", "", "", "From ", "From anna  Mon Nov 23 09:12:44 2026", ">From x", ">>From y", ">", "From: x", "\u{0}",
            long, long + "From x", String(long.dropLast(4)) + "\r", "Text.", "\r", " ", ".", "Ä",
        ]
        let messages = (0..<8).map { number in
            "Number: \(number)\n\n"
                + (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
                    lines.randomElement(using: &generator)! + "\n"
                }.joined()
        }
        let mbox = messages.flatMap { message in
            // Bytes: to Swift, CR and LF are one character.
            Array(Self.separator.utf8)
                + message.utf8.split(separator: 10, omittingEmptySubsequences: false).map { line in
                    (line.drop { $0 == 62 }.starts(with: "From ".utf8) ? [62] : []) + line
                }.joined(separator: [10]) + [10]
        }
        let reading = try Reading(directory.write("mbox", mbox))
        #expect(reading.problems == [])
        let wire = messages.map { text in Array(text.utf8).flatMap { $0 == 10 ? [13, 10] : [$0] } }
        let isSame = reading.messages == wire
        #expect(isSame)
    }

    @Test(arguments: -3...3)
    func `lines longer than the buffer are read whole, wherever it ends`(_ delta: Int) throws {
        let long = String(repeating: "x", count: LineReader.pieceLimit + delta)
        let text = "A: 1\r\nLong: \(long)\r\nB: 1\r\n\r\n\(long)\r\n\(long)\(long)\r\n\(long)"
        let isSame = try Reading(directory.write("one.eml", text)).texts == [text + "\r\n"]
        #expect(isSame)
    }

    @Test func `an endless header field is kept up to the limit`() throws {
        let text = "Long: " + String(repeating: "x", count: 10_000_000) + "\nB: 1\n\nText\n"
        let reading = try Reading(directory.write("one.eml", text), headerLimit: 1000)
        #expect(reading.messages[0].count < 1000 + LineReader.pieceLimit + 100)
        #expect(reading.texts[0].hasSuffix("x\r\nB: 1\r\n\r\nText\r\n"))
    }

    @Test func `gzip files are decompressed, and a truncated one is never taken for whole`() throws {
        let text = "A: 1\n\n" + String(repeating: "Text of some length.\n", count: 10_000)
        let path = try directory.write("one.eml", text)
        let whole = try Reading(path)
        try Command.check(["gzip", "-k", path])
        #expect(try Reading("\(path).gz").messages == whole.messages)
        let mbox = try directory.write("mbox", Self.separator + text)
        try Command.check(["gzip", mbox])
        #expect(try Reading("\(mbox).gz").messages == whole.messages)

        let bytes = try contents(of: "\(path).gz")
        let cut = try Reading(directory.write("cut.eml.gz", Array(bytes.dropLast(10))))
        #expect(cut.messages == [] && cut.problems == ["its compressed content is damaged or cut short"])
    }

    @Test func `a maildir is recognised, and a file that a mail reader renames meanwhile is found`() throws {
        for name in ["cur", "new", "tmp"] { try directory.makeDirectory(name) }
        try directory.write("new/2.host", "A: 2\n\n")
        try directory.write("new/3.host", "A: 3\n\n")
        try directory.write("cur/1.host:2,S", "A: 1\n\n")
        try directory.write("tmp/4.host", "A: 4\n\n")
        let source = try MailSource(directory.path)
        #expect(source.format == .maildir && source.total == 3)
        try FileManager.default.moveItem(
            atPath: directory.file("new/3.host"), toPath: directory.file("cur/3.host:2,RS"))
        try FileManager.default.removeItem(atPath: directory.file("cur/1.host:2,S"))
        var (read, gone) = (0, 0)
        while let item = source.next() { if case .message = item { read += 1 } else { gone += 1 } }
        #expect(read == 2 && gone == 1)
    }

    @Test func `a directory of messages is read with its subdirectories, and nothing else in it`() throws {
        try directory.makeDirectory("below")
        try directory.write("b.eml", "A: 2\n\n")
        try directory.write("below/c.EML", "A: 3\n\n")
        try directory.write("a.eml", "A: 1\n\n")
        try directory.write("notes.txt", "A: no\n\n")
        try directory.write(".hidden.eml", "A: no\n\n")
        #expect(mkfifo(directory.file("fifo.eml"), 0o600) == 0)
        try directory.makeDirectory("directory.eml")
        let reading = try Reading(directory.path)
        #expect(reading.texts == ["A: 1\r\n\r\n", "A: 2\r\n\r\n", "A: 3\r\n\r\n"])
        #expect(reading.problems == ["it is no regular file", "it is no regular file"])
    }

    @Test func `messages appended to an mbox while it is read are left for the next run`() throws {
        let path = try directory.write("mbox", Self.separator + "A: 1\n\nText\n\n")
        let source = try MailSource(path)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("half a messa".utf8))
        guard case .message(let message)? = source.next() else { throw HarnessError("no message") }
        var body: [UInt8] = []
        try message.readHeader(limit: 1000) { _, _ in }
        try message.readBody { body += $0 }
        #expect(String(decoding: body, as: UTF8.self) == "Text\r\n")
        #expect(source.next() == nil)
    }

    @Test func `a file truncated while it is read is not a whole message`() throws {
        let path = try directory.write("one.eml", "A: 1\n\n" + String(repeating: "Text\n", count: 50_000))
        guard case .message(let message)? = try MailSource(path).next() else { throw HarnessError("no message") }
        try message.readHeader(limit: 1000) { _, _ in }
        #expect(truncate(path, 100_000) == 0)
        #expect(throws: MailFileError.self) { try message.readBody { _ in } }
    }
}
