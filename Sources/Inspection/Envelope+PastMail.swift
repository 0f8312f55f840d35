public import Core

extension Envelope {
    /// The envelope of a message that was delivered long ago, as far as its header still shows it.
    ///
    /// Sender: Return-Path, which delivery added, else Sender, else From. Recipients: Delivered-To and X-Original-To,
    /// which delivery added, To and Cc. Other recipients of blind copies are unknown.
    public init(pastMail header: HeaderSection) {
        self.init(
            sender: Self.returnPath(header) ?? header.addresses(in: ["Sender"]).first
                ?? header.addresses(in: ["From"]).first ?? .null)
        var seen: Set<Address> = []
        for address in header.addresses(in: ["Delivered-To", "X-Original-To", "To", "Cc"])
        where seen.insert(address).inserted {
            recipients.append(address)
        }
    }

    /// Of several, the topmost, which the last delivery added. `<>` is the null sender.
    private static func returnPath(_ header: HeaderSection) -> Address? {
        guard let path = header.unfolded("Return-Path").first else { return nil }
        if path == Array("<>".utf8) { return .null }
        return header.addresses(in: ["Return-Path"]).first
    }
}
