public import Core
public import Store

/// Why a replay cannot start or go on, in one line that says what to do. What is stored by then stays stored.
public enum ReplayError: Error, CustomStringConvertible, Sendable {
    /// The routing of this mail host has no company with this id or domain.
    case unknownCompany(String)
    /// The company's mail is forwarded and not stored.
    case forwardsOnly
    case noSealingKey(CompanyID)
    /// The database went away and did not come back in time.
    case databaseLost(DatabaseError)

    public var description: String {
        switch self {
        case .unknownCompany(let word):
            "no company has the id or the domain '\(word)'; a mail host knows no names: "
                + "'leverctl company list' where you administer them shows both"
        case .forwardsOnly:
            "this company's mail is forwarded and not stored ('leverctl company set --capture'); mail that was not "
                + "forwarded "
                + "when it came can be sent to the forward address from a mailbox"
        case .noSealingKey(let company):
            "company \(company) has no sealing key; run 'leverctl key generate'"
        case .databaseLost(let error):
            "\(error); what was stored stays: run this again when the database is back, nothing is stored twice"
        }
    }
}
