public import Core
public import Store
import Unsealing

/// What a candidate is searched for by.
public enum CandidatePattern: Hashable, Sendable {
    case address(Address)
    case name(NamePattern)
}

/// The candidates that a search found, after it opened the profiles of those among whom it searched. A plain value.
public struct CandidateSearch: Sendable {
    public struct Match: Sendable {
        public let candidate: CandidateID
        public let profile: CandidateProfile
        /// What the profile was opened from, to which its confirmation belongs.
        public let tail: [UInt8]

        public init(candidate: CandidateID, profile: CandidateProfile, tail: [UInt8]) {
            (self.candidate, self.profile, self.tail) = (candidate, profile, tail)
        }
    }

    /// In the order in which they were searched. Where a whole word of a name fits, names that have it only as part of
    /// a word are left out.
    public private(set) var matches: [Match] = []
    /// Profiles that the database refused or the keys did not open: whoever is searched for may be one of them.
    public private(set) var unopened = 0
    private var best = NamePattern.Fit.part

    fileprivate mutating func take(
        _ pattern: CandidatePattern, _ candidate: CandidateID, _ profile: CandidateProfile, tail: [UInt8]
    ) {
        let fit: NamePattern.Fit? =
            switch pattern {
            case .address(let address): Address(profile.email) == address ? .words : nil
            case .name(let name): name.fit(profile.name)
            }
        guard let fit, fit >= best else { return }
        if fit > best {
            best = fit
            matches = []
        }
        matches.append(Match(candidate: candidate, profile: profile, tail: tail))
    }

    fileprivate mutating func takeUnopened() { unopened += 1 }
}

extension ReaderSession {
    /// Opens profiles, 250 at a time, and keeps those that fit. The audit has a row of each before it is opened, and one
    /// of each that does not open. Throws `DatabaseError`; `reason` must not say what is searched for.
    public func search(
        _ pattern: CandidatePattern, among profiles: [ListedProfile], keys: KeyRing, reason: String
    ) throws -> CandidateSearch {
        var search = CandidateSearch()
        for start in stride(from: 0, to: profiles.count, by: 250) {
            let batch = Array(profiles[start..<min(start + 250, profiles.count)])
            for (listed, opening) in zip(batch, try open(batch, reason: reason)) {
                guard let opening = try? opening.get() else {
                    search.takeUnopened()
                    continue
                }
                do throws(OpeningError) {
                    let profile = try CandidateProfile(
                        SealedProfile(sealed: opening.sealed, binding: listed.binding), with: keys)
                    search.take(pattern, listed.candidate, profile, tail: opening.sealed.tail)
                } catch {
                    try reportFailure(of: opening, reason: error.auditReason)
                    search.takeUnopened()
                }
            }
        }
        return search
    }
}
