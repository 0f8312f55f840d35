import Core
import Reading
import Sealing
import Store

extension OwnerSession {
    /// An address to be stored: sealed to the company's keys, with its index under each live index key. Throws
    /// `StoreError.noSealingKey`.
    func newAddress(_ email: String, company: CompanyID) throws -> NewAddress {
        let now = Timestamp.now()
        let binding = Binding(content: .profile, company: company, subject: 0, entry: .make(at: now), time: now)
        return NewAddress(
            profile: try SealedMessage(
                sealing: CandidateProfile(name: "", email: email).bytes, binding: binding,
                recipients: recipients(of: company)),
            binding: binding, indices: try addressIndices(email, company: company))
    }

    /// A user's address, without its extension where the company's mail servers deliver all extensions to one mailbox:
    /// the user takes part in what any of them got.
    func newAddress(_ email: MailAddress, ofUserOf company: CompanyRecord) throws -> NewAddress {
        let base = company.base(email.address)
        return try newAddress(base == email.address ? email.text : base.mailbox, company: company.id)
    }

    /// The keys that new content of the company is sealed to. Throws `StoreError.noSealingKey` if there is none.
    func recipients(of company: CompanyID) throws -> [SealingKey] {
        try sealingKeys(of: company).recipients()
    }

    /// The indices of an address under each live index key, the one in use first.
    func addressIndices(_ email: String, company: CompanyID) throws -> [(version: UInt8, index: [UInt8])] {
        try indexKeys(of: company).map { ($0.version, try $0.addressIndex(Address(path: email))) }
    }
}

extension [StoredSealingKey] {
    /// The active ones, which new content is sealed to. Throws `StoreError.noSealingKey` if there is none.
    func recipients() throws -> [SealingKey] {
        let active = filter(\.isActive)
        guard !active.isEmpty else { throw StoreError.noSealingKey }
        return try active.map { try SealingKey(subjectPublicKeyInfo: $0.publicKey) }
    }
}
