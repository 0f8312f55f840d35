import Core

/// Lists of addresses as people read them.
enum MailboxText {
    /// `Name <address>, address, Group: address;`. A name that looks like an address is quoted. A field without a
    /// single address is shown as it stands.
    static func text(of value: ArraySlice<UInt8>, charset: String?) -> String {
        let elements = MailboxList(value).elements
        let hasMailbox = elements.contains { if case .mailbox = $0 { true } else { false } }
        let hasText = elements.contains { if case .text = $0 { true } else { false } }
        guard !elements.isEmpty, hasMailbox || !hasText else { return HeaderText.decode(value, charset: charset) }
        var text = ""
        /// What the next element needs in front.
        var separator = ""
        for element in elements {
            switch element {
            case .mailbox(let address, let spec, let name):
                text += separator + mailbox(address, value[spec], self.name(name, value, charset))
                separator = ", "
            case .group(let name):
                text += separator + self.name(name, value, charset) + ":"
                separator = " "
            case .groupEnd:
                text += ";"
                separator = ", "
            case .text(let range):
                text += separator + HeaderText.decode(value[range], charset: charset)
                separator = ", "
            }
        }
        return text
    }

    private static func mailbox(_ address: Address, _ spec: ArraySlice<UInt8>, _ name: String) -> String {
        // As it was written, unless that may read as another.
        let isPlain = spec.allSatisfy { $0 > space && $0 != 0x7f && !"()<>,;:\"\\".utf8.contains($0) }
        let written = isPlain ? String(validating: spec, as: UTF8.self) : nil
        let address = written ?? address.text
        guard !name.isEmpty else { return address }
        return "\(quotedIfNeeded(name)) <\(address)>"
    }

    private static func quotedIfNeeded(_ name: String) -> String {
        guard name.utf8.contains(where: { "@<>\"".utf8.contains($0) }) else { return name }
        var quoted = "\""
        for scalar in name.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// A comment counts as the name if there is no other, as in `address (Name)`.
    private static func name(_ pieces: [MailboxList.Piece], _ value: ArraySlice<UInt8>, _ charset: String?) -> String {
        let isComment = pieces.allSatisfy { piece in
            switch piece {
            case .comment: true
            case .words(let range): value[range].allSatisfy { $0 <= space }
            case .quoted: false
            }
        }
        let texts = pieces.map { piece in
            switch piece {
            case .words(let range): HeaderText.decode(value[range], charset: charset)
            case .quoted(let bytes): HeaderText.decode(bytes, charset: charset)
            case .comment(let range):
                isComment
                    ? HeaderText.decode(value[range], charset: charset)
                    : "(\(HeaderText.decode(value[range], charset: charset)))"
            }
        }
        return texts.joined(separator: " ").split(separator: " ").joined(separator: " ")
    }
}
