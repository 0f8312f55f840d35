import MIME
import SMIME

/// What is known of a message's signature, in the output of `timeline --json`.
struct SignatureRecord: Encodable {
    struct Signer: Encodable {
        let name: String
        let addresses: [String]
        /// The authority's name.
        let issuer: String
    }

    /// `smime` or `openpgp`.
    let form: String
    /// `not_checked`, `valid` or `invalid`.
    let state: String
    /// Why it does not count; missing unless it is invalid.
    let problem: String?
    let signers: [Signer]
    /// The signer's certificate has the address of the author.
    let byAuthor: Bool
    /// All of the message is signed, but its header.
    let whole: Bool

    init(_ found: Message.SignatureState) {
        form = found.form.rawValue
        switch found.signature.state {
        case .notChecked: (state, problem) = ("not_checked", nil)
        case .valid: (state, problem) = ("valid", nil)
        case .invalid(let reason): (state, problem) = ("invalid", reason)
        }
        signers = found.signature.signers.map { Signer(name: $0.name, addresses: $0.addresses, issuer: $0.issuer) }
        (byAuthor, whole) = (found.isByAuthor, found.isWhole)
    }
}
