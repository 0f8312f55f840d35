public import Core
public import Sealing
public import Store

/// How far a candidate's profile is proved to be what was typed in. Anybody who can write to the database can seal
/// another address to the company's public keys; nobody can sign it without the private key.
public enum ProfileConfirmation: Hashable, Sendable {
    /// Signed with one of the keys at hand.
    case confirmed
    /// Never signed; it is the one that the audit says was added.
    case asAdded
    /// Somebody exchanged it, or the key that signed it is not at hand.
    case refuted

    /// What the company signs: the binding (44 bytes) and SHA-256 of the tail. Re-wrapping changes neither.
    static func statement(_ tail: [UInt8], _ binding: Binding) throws(CryptoError) -> [UInt8] {
        binding.bytes + (try SHA256.digest(of: tail))
    }

    /// The company's signature of a profile, with the first key.
    public static func signature(
        ofTail tail: [UInt8], _ binding: Binding, keys: KeyRing
    ) throws(CryptoError) -> [UInt8] {
        precondition(binding.content == .profile)
        return try keys.sign(statement(tail, binding))
    }

    /// Whether one of the keys signed the profile.
    public static func confirms(
        _ signature: [UInt8], tail: [UInt8], _ binding: Binding, keys: KeyRing
    ) throws(CryptoError) -> Bool {
        keys.confirms(signature, of: try statement(tail, binding))
    }
}

extension ReaderSession {
    /// Opens a candidate's profile, and says how far it is proved. Throws as `profile(of:keys:reason:)`.
    public func confirmedProfile(
        of candidate: Candidate, keys: KeyRing, reason: String
    ) throws -> (profile: CandidateProfile, confirmation: ProfileConfirmation) {
        let (profile, tail) = try profileAndTail(of: candidate, keys: keys, reason: reason)
        return (profile, try confirmation(of: candidate, tail: tail, keys: keys))
    }

    /// How far a profile that is open already is proved, by the tail that it was opened from.
    public func confirmation(of candidate: Candidate, tail: [UInt8], keys: KeyRing) throws -> ProfileConfirmation {
        if let signature = candidate.signature {
            return try ProfileConfirmation.confirms(signature, tail: tail, candidate.binding, keys: keys)
                ? .confirmed : .refuted
        }
        // One that was signed once and is not any more was exchanged.
        let (digest, wasConfirmed) = try profileEvidence(of: candidate.id, company: candidate.company)
        return try !wasConfirmed && digest == SHA256.digest(of: tail) ? .asAdded : .refuted
    }
}
