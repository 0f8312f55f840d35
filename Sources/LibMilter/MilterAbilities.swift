/// The optional actions that the mail server offered in negotiation.
public struct MilterAbilities: Hashable, Sendable {
    /// Add a recipient with RCPT TO parameters (SMFIF_ADDRCPT_PAR).
    public var addsRecipients: Bool
    public var addsHeaderFields: Bool
    public var changesHeaderFields: Bool

    public init(addsRecipients: Bool, addsHeaderFields: Bool, changesHeaderFields: Bool) {
        self.addsRecipients = addsRecipients
        self.addsHeaderFields = addsHeaderFields
        self.changesHeaderFields = changesHeaderFields
    }
}
