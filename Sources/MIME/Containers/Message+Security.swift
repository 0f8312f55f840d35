import Core
public import SMIME

extension Message {
    /// A signature as a part has it; whose the message is, its reader does not know.
    struct PartSignature {
        let form: SignatureState.Form
        let signature: SMIME.Signature
        let isWhole: Bool
    }

    /// What is known of a signature over the message or a part of it.
    public struct SignatureState: Hashable, Sendable {
        public enum Form: String, Sendable {
            case smime, openpgp
        }

        public let form: Form
        /// OpenPGP signatures are not checked.
        public let signature: SMIME.Signature
        /// The whole message is signed, but its header. What is beside a signed part is nobody's.
        public let isWhole: Bool
        /// Every signer's certificate has the address of the message's author.
        public let isByAuthor: Bool

        init(_ found: PartSignature, author: Address?) {
            (form, signature, isWhole) = (found.form, found.signature, found.isWhole)
            isByAuthor =
                author != nil && !signature.signers.isEmpty
                && signature.signers.allSatisfy { $0.addresses.contains { Address($0) == author } }
        }

        /// It is valid, and says that the author wrote all of the text.
        public var isTrusted: Bool { signature.state == .valid && isWhole && isByAuthor }

        /// In words, as the end of "Signature: …".
        public var text: String {
            let name = form == .smime ? "S/MIME" : "OpenPGP"
            let signers = signature.signers.map { signer in
                let address = signer.addresses.first ?? ""
                return signer.name.isEmpty ? address : address.isEmpty ? signer.name : "\(signer.name) <\(address)>"
            }.joined(separator: ", ")
            let scope = isWhole ? "" : ", and of a part of the message only"
            switch signature.state {
            case .notChecked:
                return "\(name), not checked" + (signers.isEmpty ? "" : "; it says that it is of \(signers)")
            case .invalid(let problem): return "\(name), DOES NOT COUNT: \(problem)"
            case .valid where isByAuthor:
                let issuers = signature.signers.map(\.issuer).filter { !$0.isEmpty }.joined(separator: ", ")
                return "\(name), valid, of \(signers)\(issuers.isEmpty ? "" : ", by \(issuers)")\(scope)"
            case .valid: return "\(name), valid, but of \(signers), who is NOT the author\(scope)"
            }
        }
    }

    /// How a message or a part of it is encrypted. Only the recipient's mail program can open it.
    public enum Encryption: String, Sendable {
        case smime, openpgp

        /// A sentence in English.
        public var text: String {
            let name = self == .smime ? "S/MIME" : "OpenPGP"
            return "This message is encrypted with \(name); only the recipient's mail program can open it."
        }
    }
}
