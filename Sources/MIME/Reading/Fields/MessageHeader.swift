import Core

/// The header of a message as people read it.
struct MessageHeader {
    /// A field as it is shown.
    struct Shown {
        var text = ""
        /// Some of it is not shown.
        var isCut = false
    }

    private let fields: PartHeader
    /// The label for unlabelled bytes; that of the first text, as mail programs do it.
    private let charset: String?

    init(_ message: [UInt8]) { self.init(PartTree(message)) }

    init(_ tree: PartTree) {
        fields = PartHeader(tree.bytes, tree.nodes[0].header, isMessage: true)
        charset = Self.charset(of: tree)
    }

    /// All fields of that name, encoded words decoded (RFC 2047), separated by commas.
    func text(_ name: String) -> Shown {
        show(name) { HeaderText.decode($0, charset: charset) }
    }

    /// The addresses in all fields of that name as `Name <address>`. What is no address is shown as text.
    func mailboxes(_ name: String) -> Shown {
        show(name) { MailboxText.text(of: $0, charset: charset) }
    }

    /// The address of the one who wrote the message; nil where nobody can say who did.
    var author: Address? {
        var section = HeaderSection()
        for value in fields.values("From") { section.append(name: "From".utf8, value: value) }
        return section.author
    }

    private func show(_ name: String, _ show: (ArraySlice<UInt8>) -> String) -> Shown {
        var (texts, length, isCut) = ([String](), 0, false)
        for value in fields.values(name) {
            guard length <= ReadingLimits.field else {
                isCut = true
                break
            }
            // Encoded words are up to four times as long as what they say.
            let bounded = value.prefix(5 * ReadingLimits.field)
            if bounded.count < value.count { isCut = true }
            let text = Self.trimmed(show(bounded))
            texts.append(text)
            length += text.utf8.count
        }
        let whole = texts.joined(separator: ", ")
        let shown = whole.prefix(bytes: ReadingLimits.field)
        isCut = isCut || shown.utf8.count < whole.utf8.count
        return Shown(text: isCut ? "\(shown)…" : whole, isCut: isCut)
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.utf8.drop { $0 <= space }
        guard let end = start.lastIndex(where: { $0 > space }) else { return "" }
        return String(text[start.startIndex...end])
    }

    static func charset(of tree: PartTree) -> String? {
        for index in tree.nodes.indices where tree.nodes[index].kind == .leaf {
            let header = PartHeader(tree.bytes, tree.nodes[index].header, isMessage: index == 0)
            let type = ContentType(header.values("Content-Type"))
            if type.media == "text", let charset = type["charset"] { return charset }
        }
        return nil
    }
}
