public import Core

/// Why a command could not be carried out though the database works. One line that says what to do.
public enum StoreError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The database has no schema of ours.
    case notInstalled
    /// The database has a schema of another version than this program was made for.
    case schemaVersion(found: Int, expected: Int)
    /// The login may not install the schema; why, in PostgreSQL's words.
    case mayNotInstall(String)
    /// A table was in use for so long that the installation stopped.
    case schemaInUse(seconds: Int)
    /// The login is not a member of the role that the command works as.
    case notMember(role: String)

    case unknownCompany(String)
    case companyNameTaken(String)
    case companyNameMalformed
    case exchangeHasNoLimitedSync
    /// It cannot be not set up while the company uses it.
    case fullSyncInUse
    /// Whose it is stays untold: tenants don't learn of each other.
    case domainTaken
    case domainNotOfCompany(String)
    case lastDomain
    /// A mode that forwards, and nowhere to forward to.
    case noForwardAddress
    /// The forward address is at a domain of this or another company.
    case forwardInside
    /// This or another company forwards to the domain.
    case forwardDomain
    case noSealingKey
    case sealingKeyExists
    case unknownCandidate(CandidateID)
    case candidateExists(CandidateID)
    case unknownEntry(EntryID)
    /// The candidate's name and address were erased.
    case anonymous(CandidateID)
    /// The database refused an opening or a change, and has written that down.
    case refused(String)

    case rotationUnderWay
    case noRotation
    /// Mail hosts that do not work with routing new enough.
    case notDistributed(hosts: [String])
    case unknownKey(String)
    /// The addresses of users or never-log entries that no key opens any more.
    case lostAddresses([EntryID])
    /// The key is not where in its life this could be done.
    case keyState(KeyState)
    case hostKeyExists
    case unknownHost(String)

    /// The database has no such login, or it is not a member of the group role.
    case noLogin(String, role: String)
    /// Row-level security would not hold for it.
    case privilegedLogin(String)
    case loginTaken(String)
    case unknownUser(String)
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
        case .schemaInUse(let seconds):
            "a transaction has used a table for more than \(seconds) s, or waits for this one; run init-db again"
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
        case .fullSyncInUse:
            "the company is on full sync, which stays set up meanwhile; change --sync first"
        case .domainTaken:
            "a domain belongs to one company, and one of these has an owner; check the spelling"
        case .domainNotOfCompany(let domain):
            "'\(domain)' is not a domain of this company; leverctl company list shows those it has"
        case .lastDomain:
            "a company keeps at least one domain; add another first, or capture nothing with --sync off"
        case .noForwardAddress:
            "to forward, a company needs an address: --forward-to; to forward no more, choose --capture store or observe too"
        case .forwardInside:
            "the forward address is at a domain of a company, whose mail would come back; give one outside"
        case .forwardDomain:
            "mail is forwarded to one of these domains, and would come back if a company had it; check the spelling, or "
                + "change the forward address first"
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
        case .anonymous(let candidate):
            "candidate \(candidate) is anonymous; if the person applies again, add a new candidate"
        case .refused(let reason):
            "refused (\(reason)); the audit has this. An administrator decides who may: leverctl user list, access list"
        case .rotationUnderWay:
            "a new key of this kind is on its way already; take it on with leverctl key rotate, or leverctl key retire it"
        case .noRotation:
            "no key of this kind is on its way; leverctl key list shows the keys"
        case .notDistributed(let hosts):
            "these mail hosts do not have the newest keys yet: \(hosts.joined(separator: ", ")); see that lever-milter runs "
                + "there and reaches the database, then try again, or give the host up with leverctl host revoke"
        case .lostAddresses(let entries):
            "no key opens these addresses any more, so they get no new index: "
                + entries.map(\.description).joined(separator: ", ")
                + "; enter it again: leverctl user set --email, or never-log remove and add"
        case .unknownKey(let key):
            "the company has no key '\(key)' of this kind; leverctl key list shows those it has"
        case .keyState(let state):
            "the key is \(state.rawValue)"
                + (state == .primary
                    ? " and the only one of its kind; replace it first with leverctl key rotate"
                    : "; leverctl key list shows the keys, and leverctl key --help what can be done with each")
        case .hostKeyExists:
            "this signing key is registered already; make a new one"
        case .unknownHost(let name):
            "no mail host or key '\(name)' that is in use; leverctl host list shows those there are"
        case .noLogin(let login, let role):
            "the database has no login '\(login)' in \(role); as an administrator of the database: "
                + "CREATE ROLE \(login) LOGIN IN ROLE \(role.split(separator: ",")[0])"
        case .privilegedLogin(let login):
            "the login '\(login)' is a superuser or a member of lever_owner, whom no row-level security binds; make another"
        case .loginTaken(let login):
            "the login '\(login)' is a user already; each user has a login of one's own"
        case .unknownUser(let login):
            "the company has no user or access for '\(login)'; leverctl user list and leverctl access list show them"
        case .shredded(let entry):
            "message \(entry) was shredded: its key is deleted, and nothing opens it any more"
        case .incomplete(let entry):
            "message \(entry) is not whole in the database; restore it from a backup"
        }
    }
}
