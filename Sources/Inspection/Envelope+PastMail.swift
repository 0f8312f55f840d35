public import Core

extension Envelope {
    /// The envelope of a message that was delivered long ago, as far as its header still shows it.
    ///
    /// Sender: Return-Path, which delivery added, else Sender, else From. Recipients: Delivered-To and X-Original-To,
    /// which delivery added, To and Cc. Other recipients of blind copies are unknown.
    public init(pastMail header: HeaderSection) {
        self.init(
            sender: Self.returnPath(header) ?? header.mailboxes(in: ["Sender"]).first
                ?? header.mailboxes(in: ["From"]).first ?? EnvelopeAddress(path: ""))
        var seen: Set<EnvelopeAddress> = []
        for address in header.mailboxes(in: ["Delivered-To", "X-Original-To", "To", "Cc"])
        where seen.insert(address).inserted {
            recipients.append(address)
        }
    }

    /// Of several, the topmost, which the last delivery added. `<>` is the null sender.
    private static func returnPath(_ header: HeaderSection) -> EnvelopeAddress? {
        guard let path = header.unfolded("Return-Path").first else { return nil }
        if path == Array("<>".utf8) { return EnvelopeAddress(path: "") }
        return header.mailboxes(in: ["Return-Path"]).first
    }
}
