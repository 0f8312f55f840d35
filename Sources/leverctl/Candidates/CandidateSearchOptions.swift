import ArgumentParser
import Core
import Glibc
import Store

/// How many names are opened to find a candidate.
struct CandidateSearchOptions: ParsableArguments {
    @Flag(help: "Search the names of all candidates, also of a company that has more than \(limit).")
    var searchAll = false

    /// The candidate that a user named. Throws as `CandidateLookup.find`.
    func find(
        _ reference: CandidateReference, of company: CompanyRecord, in session: ReaderSession, _ shared: SharedOptions,
        reason: String, keys: OpenedKeys
    ) throws -> FoundCandidate {
        try CandidateLookup(
            session: session, company: company, options: self, shared: shared, reason: reason, keys: keys
        ).find(reference)
    }

    /// The candidate that an administrator named: an address is found by the keyed index, a name with a reader's login.
    func find(
        _ reference: CandidateReference, of company: CompanyRecord, in owner: OwnerSession, _ shared: SharedOptions,
        reason: String, keys: OpenedKeys
    ) throws -> CandidateID {
        switch reference {
        case .id(let id): return id
        case .address(let address): return try owner.candidate(at: address, of: company.id).id
        case .name:
            guard let conninfo = try shared.settings().readerDatabase else {
                throw CommandError(
                    "a name is searched for with a reader's login, 'reader_database' in the settings, and the company's "
                        + "private key; give the candidate's id or address")
            }
            return try find(
                reference, of: company, in: ReaderSession(conninfo), shared, reason: reason, keys: keys
            ).candidate.id
        }
    }

    /// The number of names that are opened without asking.
    static let limit = 1000

    /// Throws unless that many names are few enough, or somebody says that they shall be opened.
    func allow(_ count: Int, canAsk: Bool = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1) throws {
        guard count > Self.limit, !searchAll else { return }
        let consequence =
            "the names of \(count) candidates would be opened to find one, with a row in the audit for each"
        guard canAsk else {
            throw CommandError("\(consequence); give the candidate's id, or --search-all")
        }
        printError("leverctl: \(consequence). Continue? [y/N]")
        guard ["y", "yes"].contains(readLine()?.lowercased()) else {
            throw CommandError("nothing was opened; give the candidate's id")
        }
    }
}
