public import Core
public import Store
import Unsealing

/// Opening with the reader's keys. The audit has a row of it before anything is opened, and one of what did not open.
///
/// Each function throws `StoreError` for a refusal or a missing row, `OpeningError` where the keys do not open what is
/// there, and `DatabaseError`.
extension ReaderSession {
    /// A candidate's name and address.
    public func profile(of candidate: Candidate, keys: KeyRing, reason: String) throws -> CandidateProfile {
        try profileAndTail(of: candidate, keys: keys, reason: reason).0
    }

    /// The same, with the tail that it was opened from.
    public func profileAndTail(
        of candidate: Candidate, keys: KeyRing, reason: String
    ) throws -> (CandidateProfile, tail: [UInt8]) {
        let opening = try openProfile(of: candidate.id, company: candidate.company, reason: reason)
        do throws(OpeningError) {
            let profile = try CandidateProfile(
                SealedProfile(sealed: opening.sealed, binding: candidate.binding), with: keys)
            return (profile, opening.sealed.tail)
        } catch {
            try reportFailure(of: opening, reason: error.auditReason)
            throw error
        }
    }

    /// The raw message of an entry (RFC 5322, lines ending in CRLF). Throws `StoreError.unknownEntry` if the user sees
    /// no such entry.
    public func rawMessage(
        of entry: EntryID, company: CompanyID, keys: KeyRing, _ purpose: Purpose
    ) throws -> [UInt8] {
        let opening = try openKnown(entry, company: company, purpose)
        guard let found = try find(entry: entry, company: company) else { throw StoreError.unknownEntry(entry) }
        do throws(OpeningError) {
            return try keys.open(opening.sealed, expecting: found.binding)
        } catch {
            try reportFailure(of: opening, reason: error.auditReason)
            throw error
        }
    }

    /// `open`, with `StoreError.unknownEntry` for the refusal of an entry that the user does not see.
    public func openKnown(_ entry: EntryID, company: CompanyID, _ purpose: Purpose) throws -> Opening {
        do {
            return try open(entry: entry, company: company, purpose)
        } catch StoreError.refused("no such message") {
            throw StoreError.unknownEntry(entry)
        }
    }
}
