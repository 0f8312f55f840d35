/// How much of a message is read and shown. Everything else is counted, so that whoever shows the message can say that
/// there is more.
///
/// The figures let pass what people write: the longest threads in practice have some hundred kilobytes of text.
/// Together they bound time and memory, whatever a sender makes.
enum ReadingLimits {
    /// Bytes of text that are shown.
    static let text = 200_000
    /// Changes between text and quotation; what comes after is one text.
    static let blocks = 1_000
    /// Bytes of text parts, decoded, that are looked at, in all parts together; HTML renders much shorter than it is.
    static let source = 2 << 20
    /// Bytes of a header field that is shown, all fields of the name together.
    static let field = 20_000
    /// Bytes of a file name, the most that file systems take.
    static let name = 255
    /// Bytes of a link's address.
    static let link = 1_000
    static let attachments = 200
    /// Depth of the tree of MIME parts. Mail that people write has four or five levels.
    static let parts = 50
    /// Parts of a message; what comes after is in the last.
    static let partCount = 50_000
    /// Trees in trees: multiparts that are encoded as a whole, messages in messages and in containers.
    static let nestedTrees = 4
    /// Multiparts of a message that are decoded, or whose boundary is guessed.
    static let unpackings = 20
    /// Alternatives for one content that are compared with what programs write in the place of a page.
    static let stubs = 20
    /// Calendars, winmail.dat and signatures of a message that are looked into.
    static let containers = 20
    static let invitations = 50
    /// Recipients of whom a delivery report is shown.
    static let reports = 100
    /// Bytes of a field of such a report.
    static let report = 1_000
    /// Open elements of an HTML page. What is nested deeper shows as text without layout.
    static let elements = 400
    /// Attributes of an element. The parser compares each with all before it.
    static let attributes = 100
    /// Columns of indentation, and marks of quotation in front of a line.
    static let indent = 40
    static let quoteDepth = 20
}

extension String {
    /// The text within a limit of bytes, whole characters, with an ellipsis if something was cut.
    func shortened(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        return "\(prefix(bytes: limit))…"
    }

    /// The characters (scalars) that fit into this many bytes.
    func prefix(bytes limit: Int) -> Substring {
        guard utf8.count > limit else { return self[...] }
        var end = utf8.index(startIndex, offsetBy: limit)
        while end > startIndex, utf8[end] & 0xc0 == 0x80 { end = utf8.index(before: end) }
        return self[..<end]
    }
}
