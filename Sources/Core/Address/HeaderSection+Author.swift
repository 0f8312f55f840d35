extension HeaderSection {
    /// The author: the one mailbox of the one From field (RFC 5322 section 3.6.2). Nil where nobody can say who wrote it:
    /// there are several mailboxes, a group or none, the field is malformed, or mail programs and filters read it
    /// differently, so that one may check another address than people see.
    public var author: Address? {
        let fields = values("From")
        guard fields.count == 1, let field = fields.first, Self.isPlain(field) else { return nil }
        let list = AddressList(field)
        guard !list.isAmbiguous, let author = list.only, Self.isPlain(author) else { return nil }
        return author
    }

    /// No control characters but those of folds and tabs, letters beyond ASCII as UTF-8 (RFC 6532), and no encoded word
    /// that holds what a header must not: programs that decode before they parse take it for structure.
    private static func isPlain(_ field: ArraySlice<UInt8>) -> Bool {
        var isFold = false
        for byte in field {
            if isFold, byte != lineFeed { return false }
            isFold = byte == carriageReturn
            guard byte >= 0x20 && byte != 0x7f || byte.isBlank || byte == carriageReturn || byte == lineFeed else {
                return false
            }
        }
        guard !isFold, String(validating: field, as: UTF8.self) != nil else { return false }
        return EncodedWord.all(in: field).allSatisfy { word in
            word.bytes.allSatisfy {
                $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
            }
        }
    }

    /// A local part that needs quotes for a special is cut in two by some; one with an encoded word is decoded by some.
    private static func isPlain(_ author: Address) -> Bool {
        guard let domain = author.domain else { return false }
        let local = author.text.utf8.dropLast(domain.utf8.count + 1)
        return !local.contains { "()<>[]:;@\\,\"".utf8.contains($0) } && EncodedWord.all(in: Array(local)[...]).isEmpty
    }
}
