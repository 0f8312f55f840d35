public import Core

/// Why a command cannot be carried out although the database works. Its description is one line that says what to do.
public enum StoreError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The database does not have the product's schema.
    case notInstalled
    /// The schema is of another version than this program needs.
    case schemaVersion(found: Int, expected: Int)
    /// The login may not install the schema; with PostgreSQL's message.
    case mayNotInstall(String)
    /// The login may not work as lever_owner; with which statement lets it, and who can run that.
    case mayNotAdminister(String)
    /// A table was in use for so long that the installation stopped.
    case schemaInUse(seconds: Int)
    /// The login is not a member of the role that the command works as.
    case notMember(role: String)

    /// `likely` are names of companies that may be meant.
    case unknownCompany(String, likely: [String] = [])
    /// Several companies have this name apart from its case.
    case ambiguousCompany(String, [String])
    case companyNameTaken(String)
    case companyNameMalformed
    case exchangeHasNoLimitedSync
    /// Full sync must stay set up while the company uses it.
    case fullSyncInUse
    /// Its owner is not named: tenants must not learn of each other.
    case domainTaken
    case domainNotOfCompany(String)
    case lastDomain
    /// A mode that forwards, without an address to forward to.
    case noForwardAddress
    /// The forward address is at a domain of this or another company.
    case forwardInside
    /// This or another company forwards to the domain.
    case forwardDomain
    case noSealingKey
    case sealingKeyExists
    case unknownCandidate(CandidateID)
    case candidateExists(CandidateID)
    case unknownThread(ThreadID)
    case unknownEntry(EntryID)
    /// The candidate's name and address were erased.
    case anonymous(CandidateID)
    /// The database refused an opening or a change, and recorded that in the audit.
    case refused(String)

    case rotationUnderWay
    case noRotation
    /// These mail hosts do not have the newest routing.
    case notDistributed(hosts: [String])
    case unknownKey(String)
    /// Addresses of users or never-log entries that no existing key opens.
    case lostAddresses([EntryID])
    /// The key is in a state in which this cannot be done.
    case keyState(KeyState)
    case hostKeyExists
    case unknownHost(String)

    /// The login does not exist or is not a member of the group role.
    case noLogin(String, role: String)
    /// The login is not subject to row-level security.
    case privilegedLogin(String)
    case loginTaken(String)
    case unknownUser(String)
    /// The message's head was deleted on purpose, so nothing opens it.
    case shredded(EntryID)
    /// Parts of the message are missing from the database.
    case incomplete(EntryID)

    public var description: String {
        switch self {
        case .notInstalled:
            "the database has no lever schema; run leverctl init-db"
        case .schemaVersion(let found, let expected) where found < expected:
            "the database's schema is version \(found), but this program needs \(expected); run leverctl init-db"
        case .schemaVersion(let found, let expected):
            "the database's schema is version \(found), newer than this program's \(expected); install the newer leverctl"
        case .mayNotInstall(let reason):
            "\(reason); run init-db as a login that may create roles and schemas in this database, such as postgres"
        case .mayNotAdminister(let reason): reason
        case .schemaInUse(let seconds):
            "a transaction has used a table for more than \(seconds) s, or waits for this one; run init-db again"
        case .notMember(let role):
            "the database login is not a member of \(role); as an administrator of the database: GRANT \(role) TO login"
        case .unknownCompany(let name, let likely):
            "no company '\(name)'; "
                + (likely.isEmpty
                    ? "leverctl company list shows the companies" : "did you mean \(Spelling.alternatives(likely))?")
        case .ambiguousCompany(let name, let names):
            "'\(name)' may be \(Spelling.alternatives(names)); write the name in its own case, or give the id"
        case .companyNameTaken(let name):
            "a company '\(name)' exists already; choose another name"
        case .companyNameMalformed:
            "a company's name has 1 to 200 characters, is more than a number, and has no line breaks or outer spaces"
        case .exchangeHasNoLimitedSync:
            "on-premise Exchange has no limited sync; choose --sync full or --sync off"
        case .fullSyncInUse:
            "the company is on full sync, which must stay set up; change --sync first"
        case .domainTaken:
            "one of these domains belongs to another company; check the spelling"
        case .domainNotOfCompany(let domain):
            "'\(domain)' is not a domain of this company; leverctl company list shows its domains"
        case .lastDomain:
            "a company must have a domain; add another first, or stop capturing with --sync off"
        case .noForwardAddress:
            "forwarding needs an address: --forward-to; to stop forwarding, choose --capture store or observe too"
        case .forwardInside:
            "the forward address is in a company's domain, so mail would loop; choose one in another domain"
        case .forwardDomain:
            "mail is forwarded to one of these domains, and would loop if a company had it; check the spelling, or change "
                + "the forward address first"
        case .noSealingKey:
            "the company has no sealing key; make one with leverctl key generate"
        case .sealingKeyExists:
            "the company has this sealing key already"
        case .unknownCandidate(let candidate):
            "the company has no candidate \(candidate); leverctl candidate list shows the candidates"
        case .candidateExists(let candidate):
            "the company has a candidate with this address already: \(candidate)"
        case .unknownThread(let thread):
            "the company has no thread \(thread); the log and leverctl timeline --json show the numbers of threads"
        case .unknownEntry(let entry):
            "no message \(entry); leverctl timeline shows the ids of messages"
        case .anonymous(let candidate):
            "candidate \(candidate) is anonymous; if the person applies again, add a new candidate"
        case .refused(let reason):
            "refused (\(reason)), as recorded in the audit; an administrator grants rights: leverctl user list, access list"
        case .rotationUnderWay:
            "a rotation of this kind of key is under way; continue it with leverctl key rotate, or end it with key retire"
        case .noRotation:
            "no rotation of this kind of key is under way; leverctl key list shows the keys"
        case .notDistributed(let hosts):
            "these mail hosts do not have the newest keys yet: \(hosts.joined(separator: ", ")); check that lever-milter runs "
                + "there and reaches the database, then try again; if a host is decommissioned: leverctl host revoke"
        case .lostAddresses(let entries):
            "no key opens these addresses any more, so they cannot be indexed: "
                + entries.map(\.description).joined(separator: ", ")
                + "; enter them again: leverctl user set --email, or never-log remove and add"
        case .unknownKey(let key):
            "the company has no key '\(key)' of this kind; leverctl key list shows its keys"
        case .keyState(let state):
            "the key is \(state.rawValue)"
                + (state == .primary
                    ? " and the only one of its kind; replace it first with leverctl key rotate"
                    : "; leverctl key list shows the keys, and leverctl key --help explains what each state allows")
        case .hostKeyExists:
            "this signing key is registered already; generate a new one"
        case .unknownHost(let name):
            "no mail host or key '\(name)' in use; leverctl host list shows the mail hosts"
        case .noLogin(let login, let role):
            "the database has no login '\(login)' in \(role); as an administrator of the database: "
                + "CREATE ROLE \(login) LOGIN IN ROLE \(role.split(separator: ",")[0])"
        case .privilegedLogin(let login):
            "the login '\(login)' is a superuser or a member of lever_owner, and bypasses row-level security; create another"
        case .loginTaken(let login):
            "the login '\(login)' is a user already; each user needs their own login"
        case .unknownUser(let login):
            "the company has no user or access for '\(login)'; leverctl user list and leverctl access list show them"
        case .shredded(let entry):
            "message \(entry) was shredded: its key is deleted, and nothing can open it"
        case .incomplete(let entry):
            "message \(entry) is incomplete in the database; restore it from a backup"
        }
    }
}
