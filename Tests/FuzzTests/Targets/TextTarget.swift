@testable import MIME

/// The first byte says what the rest is: HTML, plain text of three kinds, a body in a transfer encoding, or text in a
/// character set.
enum TextTarget {
    private static let charsets = [
        nil, "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "koi8-r", "gb2312", "gb18030", "big5", "shift_jis",
        "iso-2022-jp", "iso-2022-kr", "iso-2022-cn-ext", "euc-jp", "euc-kr", "hz-gb-2312", "utf-7", "utf-16",
        "utf-16le", "utf-32", "unicode-1-1-utf-7", "utf-7-imap", "ibm037", "tscii", "armscii-8", "iso-10646/ucs4", "",
        "windows-1255", "x-user-defined", "utf-16be", "utf-32be", "iso-2022-jp-2", "euc-tw", "johab", "cp437",
    ]

    static func run(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        let rest = Array(input.dropFirst())
        let text = Charset.decode(rest, label: nil)
        switch first {
        case 0:
            try MailTarget.requireBounded(Rendition(html: text).blocks, by: rest)
            try requireWhole(HTMLText.lines(text))
        case 1:
            try MailTarget.requireBounded(Rendition(plain: text).blocks, by: rest)
            try requireWhole(PlainText.lines(text, flow: .fixed))
        case 2: try MailTarget.requireBounded(Rendition(plain: text, flow: .flowed).blocks, by: rest)
        case 3: try MailTarget.requireBounded(Rendition(plain: text, flow: .flowedWithoutSpace).blocks, by: rest)
        case 4: _ = Charset.label(inHTML: rest)
        case 5: _ = Charset.decode(Array(rest.dropFirst(8)), label: String(decoding: rest.prefix(8), as: UTF8.self))
        case 250...255: try runTransferEncodings(rest)
        default:
            let decoded = Charset.decode(rest, label: charsets[Int(first) % charsets.count])
            try require("text is not longer than its bytes allow", decoded.utf8.count <= 24 * rest.count + 16)
        }
    }

    private static func runTransferEncodings(_ bytes: [UInt8]) throws {
        for encoding in [TransferEncoding.identity, .base64, .quotedPrintable, .uuencode] {
            for isText in [false, true] {
                let decoded = encoding.decode(bytes[...], isText: isText)
                try require("a body is not longer than its text allows", decoded.count <= 32 * bytes.count + 16)
            }
        }
        let base64 = Base64.lines(bytes)
        for isText in [false, true] {
            let read = TransferEncoding.base64.decode(base64[...], isText: isText)
            try require("base64 reads as it was written", read == bytes)
        }
        let quoted = bytes.flatMap(QuotedPrintable.escaped)
        try require(
            "quoted-printable reads as it was written", TransferEncoding.quotedPrintable.decode(quoted[...]) == bytes)
    }

    /// Telling quotations apart moves nothing and loses nothing but empty lines.
    private static func requireWhole(_ lines: [Line]) throws(FuzzTarget.Broken) {
        func letters(_ texts: [String]) -> [Unicode.Scalar] {
            texts.flatMap { $0.unicodeScalars.filter { !$0.properties.isWhitespace && $0 != ">" } }
        }
        let shown = Quotation.blocks(lines).map(\.content)
        try require("the text is whole and in order", letters(shown) == letters(lines.map(\.text)))
    }
}
