public import Core

/// Why a command could not be carried out though the database works. One line that says what to do.
public enum StoreError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The database has no schema of ours.
    case notInstalled
    /// The database has a schema of another version than this program was made for.
    case schemaVersion(found: Int, expected: Int)
    /// The login may not install the schema; why, in PostgreSQL's words.
    case mayNotInstall(String)
    /// The login is not a member of the role that the command works as.
    case notMember(role: String)

    case unknownCompany(String)
    case companyNameTaken(String)
    case companyNameMalformed
    case exchangeHasNoLimitedSync
    /// Whose it is stays untold: tenants don't learn of each other.
    case domainTaken
    case domainNotOfCompany(String)
    case lastDomain
    case noSealingKey
    case sealingKeyExists
    case unknownCandidate(CandidateID)
    case candidateExists(CandidateID)
    case unknownEntry(EntryID)
    /// The message's head was deleted on purpose: nothing opens the rest any more.
    case shredded(EntryID)
    /// Parts of the message are missing from the database.
    case incomplete(EntryID)

    public var description: String {
        switch self {
        case .notInstalled:
            "the database has no lever schema; run leverctl init-db"
        case .schemaVersion(let found, let expected) where found < expected:
            "the database's schema is version \(found) and this program needs \(expected); run leverctl init-db"
        case .schemaVersion(let found, let expected):
            "the database's schema is version \(found), newer than this program's \(expected); install the newer leverctl"
        case .mayNotInstall(let reason):
            "\(reason); run init-db as a login that may create roles and schemas in this database, such as postgres"
        case .notMember(let role):
            "the database login is not a member of \(role); as an administrator of the database: GRANT \(role) TO login"
        case .unknownCompany(let name):
            "no company '\(name)'; leverctl company list shows those there are"
        case .companyNameTaken(let name):
            "there is a company '\(name)' already; choose another name"
        case .companyNameMalformed:
            "a company's name has 1 to 200 characters, is more than a number, and has no line breaks or outer spaces"
        case .exchangeHasNoLimitedSync:
            "on-premise Exchange has no limited sync; choose --sync full or --sync off"
        case .domainTaken:
            "a domain belongs to one company, and one of these has an owner; check the spelling"
        case .domainNotOfCompany(let domain):
            "'\(domain)' is not a domain of this company; leverctl company list shows those it has"
        case .lastDomain:
            "a company keeps at least one domain; add another first, or capture nothing with --sync off"
        case .noSealingKey:
            "the company has no sealing key; make one with leverctl key generate"
        case .sealingKeyExists:
            "the company has this sealing key already"
        case .unknownCandidate(let candidate):
            "the company has no candidate \(candidate); leverctl candidate list shows those it has"
        case .candidateExists(let candidate):
            "the company has a candidate with this address already: \(candidate)"
        case .unknownEntry(let entry):
            "no message \(entry); leverctl timeline shows the ids there are"
        case .shredded(let entry):
            "message \(entry) was shredded: its key is deleted, and nothing opens it any more"
        case .incomplete(let entry):
            "message \(entry) is not whole in the database; restore it from a backup"
        }
    }
}
