/// `unconfirmed_addresses`: what `leverctl send` does with a candidate's address that the company's key does not
/// confirm.
public enum UnconfirmedAddresses: String, CaseIterable, Sendable {
    /// Sends to it if it is the one that the audit says was added.
    case send
    case refuse
}
