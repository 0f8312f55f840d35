extension Rendition {
    /// Adds what containers hold and the text does not say, and says what is encrypted.
    mutating func showContained() {
        if blocks.contains(where: Self.hasArmor) {
            encryption = encryption ?? .openpgp
            blocks.insert(.text(Message.Encryption.openpgp.text), at: 0)
        } else if let encryption, substitute.isEmpty {
            substitute = [.text(encryption.text)]
        }
        guard !hidden.isEmpty, WordSet(hidden).share(in: WordSet(blocks)) < Self.sameContent else { return }
        blocks += hidden
    }

    /// OpenPGP in the text (RFC 9580 section 6.2).
    private static func hasArmor(_ block: Message.Block) -> Bool {
        guard case .text(let text) = block else { return false }
        let armor = "-----BEGIN PGP MESSAGE-----"
        return text.hasPrefix(armor) || text.contains("\n\(armor)")
    }

    private static let sameContent = 0.7
}
