import ArgumentParser
import Core
import Glibc
import Reading
import Store

/// Finds the candidate that a reader's command line names. Names and addresses are sealed: those of all candidates that
/// the user sees are opened to find one, each with a row in the audit, unless an administrator's login is in the
/// settings as well, whose keyed index finds an address.
struct CandidateLookup {
    let session: ReaderSession
    let company: CompanyRecord
    let options: CandidateSearchOptions
    let shared: SharedOptions
    /// The command's, for the audit.
    let reason: String
    let keys: OpenedKeys

    /// Throws `CommandError` or `StoreError` if there is none; shows them if there are several, and throws `ExitCode`.
    func find(_ reference: CandidateReference) throws -> FoundCandidate {
        switch reference {
        case .id(let id):
            return FoundCandidate(candidate: try session.candidate(id, company: company.id))
        case .address(let address):
            guard let conninfo = try shared.settings().adminDatabase else { return try search(.address(address)) }
            let id = try OwnerSession(conninfo).candidate(at: address, of: company.id).id
            return FoundCandidate(candidate: try session.candidate(id, company: company.id))
        case .name(let name):
            return try search(.name(name))
        }
    }

    private func search(_ pattern: CandidatePattern) throws -> FoundCandidate {
        let profiles = try session.profiles(of: company.id)
        try options.allow(profiles.count)
        let keys = try openedKeys()
        let found = try session.search(
            pattern, among: profiles, keys: keys, reason: "candidate look-up: \(reason)")
        guard let match = found.matches.first else { throw none(found, among: profiles.count) }
        guard found.matches.count == 1 else {
            printError(Self.list(found.matches, withNames: isatty(STDERR_FILENO) == 1))
            throw ExitCode.failure
        }
        let candidate = try session.candidate(match.candidate, company: company.id)
        let confirmation = try session.confirmation(of: candidate, tail: match.tail, keys: keys)
        if confirmation == .refuted {
            printError(
                "leverctl: the name and address of candidate \(candidate.id) are neither signed nor those that were "
                    + "added: somebody may have exchanged them")
        }
        return FoundCandidate(candidate: candidate, profile: match.profile, confirmation: confirmation)
    }

    private func openedKeys() throws -> KeyRing {
        do {
            return try keys.get()
        } catch let error as CommandError {
            throw CommandError("\(error). Or give the candidate's id: names and addresses are sealed")
        }
    }

    private func none(_ search: CandidateSearch, among count: Int) -> CommandError {
        CommandError(
            "no candidate of \(company.name) that you see is called so (\(count) searched)"
                + (search.unopened == 0
                    ? ""
                    : ", but \(counted(search.unopened, "name")) did not open: give the private keys from before too")
                + "; leverctl candidate list shows them")
    }

    /// The most that is shown: whoever sees more needs more of the name.
    private static let shown = 20

    /// Names for a terminal alone: what is written to a file or a log has none.
    static func list(_ matches: [CandidateSearch.Match], withNames: Bool) -> String {
        var lines = ["leverctl: \(matches.count) candidates are called so; give the id of one, or more of the name"]
        lines += matches.prefix(shown).map { match in
            "  \(match.candidate)" + (withNames ? "  \(match.profile.name) <\(match.profile.email)>".printable() : "")
        }
        if matches.count > shown { lines.append("  and \(matches.count - shown) more") }
        return lines.joined(separator: "\n")
    }
}

extension OwnerSession {
    /// The candidate with this address, by the keyed index. Throws `CommandError` if there is none, or the candidate is
    /// anonymous.
    func candidate(at address: Address, of company: CompanyID) throws -> Candidate {
        for key in try indexKeys(of: company) {
            let found = try candidate(
                emailIndex: key.addressIndex(address), indexVersion: key.version, of: company)
            if let found { return found }
        }
        throw CommandError(
            "the company has no candidate with this address; add one with leverctl candidate add")
    }
}
