/// What is known of a message's S/MIME signature. A plain value.
public struct Signature: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// The reader named no authorities.
        case notChecked
        /// The text is as it was signed, and an authority vouches for the signer.
        case valid
        /// Why it does not count, as the end of "The signature does not count: …".
        case invalid(String)
    }

    /// Who signed, from the certificate. It says no more than the state does.
    public struct Signer: Hashable, Sendable {
        /// Common name; empty if there is none.
        public let name: String
        public let addresses: [String]
        /// Name of the authority.
        public let issuer: String
    }

    public let state: State
    /// Empty if the certificate is missing. Several people may sign.
    public let signers: [Signer]

    public init(state: State, signers: [Signer]) {
        self.state = state
        self.signers = signers
    }
}
