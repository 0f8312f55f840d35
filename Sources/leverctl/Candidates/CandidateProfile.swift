import Core
import Sealing
import Store
import Unsealing

/// Who somebody is: a candidate, or with an empty name a user or a never-log entry. The database has it sealed alone.
struct CandidateProfile {
    var name: String
    var email: String

    init(name: String, email: String) {
        self.name = name
        self.email = email
    }

    /// The sealed content: name and address, each with its length.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.lengthPrefixed(name.utf8)
        writer.lengthPrefixed(email.utf8)
        return writer.bytes
    }

    init(bytes: [UInt8]) throws(ByteReader.Malformed) {
        var reader = ByteReader(bytes)
        name = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        email = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
    }

    /// Throws `OpeningError`.
    init(_ profile: SealedProfile, with keys: KeyRing) throws(OpeningError) {
        let content = try keys.open(profile.sealed, expecting: profile.binding)
        do throws(ByteReader.Malformed) {
            self = try CandidateProfile(bytes: content)
        } catch {
            throw .damaged
        }
    }
}

extension ReaderSession {
    /// A candidate's name and address, with an audit row before.
    func profile(of candidate: Candidate, keys: KeyRing, reason: String) throws -> CandidateProfile {
        let opening = try openProfile(of: candidate.id, company: candidate.company, reason: reason)
        do throws(OpeningError) {
            return try CandidateProfile(
                SealedProfile(sealed: opening.sealed, binding: candidate.binding), with: keys)
        } catch {
            try reportFailure(of: opening, reason: error.auditReason)
            throw error
        }
    }
}

extension [StoredSealingKey] {
    /// Those that everything new is sealed to. Throws `StoreError.noSealingKey` if there is none.
    func recipients() throws -> [SealingKey] {
        let active = filter(\.isActive)
        guard !active.isEmpty else { throw StoreError.noSealingKey }
        return try active.map { try SealingKey(subjectPublicKeyInfo: $0.publicKey) }
    }
}

extension OwnerSession {
    /// An address to be stored, sealed to the company's keys, with its index under each live index key.
    func newAddress(_ email: String, company: CompanyID) throws -> NewAddress {
        let now = Timestamp.now()
        let binding = Binding(content: .profile, company: company, subject: 0, entry: .make(at: now), time: now)
        return NewAddress(
            profile: try SealedMessage(
                sealing: CandidateProfile(name: "", email: email).bytes, binding: binding,
                recipients: recipients(of: company)),
            binding: binding, indices: try addressIndices(email, company: company))
    }

    /// The keys that everything new is sealed to. Throws `StoreError.noSealingKey`.
    func recipients(of company: CompanyID) throws -> [SealingKey] {
        try sealingKeys(of: company).recipients()
    }

    /// Under each live index key, the one in use first.
    func addressIndices(_ email: String, company: CompanyID) throws -> [(version: UInt8, index: [UInt8])] {
        try indexKeys(of: company).map { ($0.version, try $0.addressIndex(email)) }
    }
}
