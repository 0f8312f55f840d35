public import Core
public import Store

/// Why a replay cannot start or continue, in one line that says what to do. Everything stored so far stays stored.
public enum ReplayError: Error, CustomStringConvertible, Sendable {
    /// The routing of this mail host has no company with this id or domain.
    case unknownCompany(String)
    /// No company is named, and this mail host has none or several.
    case companyNotNamed(count: Int)
    /// The company's mail is forwarded, not stored.
    case forwardsOnly
    case noSealingKey(CompanyID)
    /// The database became unreachable and did not come back in time.
    case databaseLost(DatabaseError)

    public var description: String {
        switch self {
        case .unknownCompany(let word):
            "no company has the id or the domain '\(word)'; a mail host knows no names: "
                + "'leverctl company list' on the administrator's machine shows both"
        case .companyNotNamed(0):
            "this mail host has no company; add one with 'leverctl company add' on the administrator's machine"
        case .companyNotNamed(let count):
            "this mail host has \(count) companies; say which one with --company and its id or one of its domains"
        case .forwardsOnly:
            "this company's mail is forwarded and not stored ('leverctl company set --capture'); mail that was not "
                + "forwarded when it arrived can be sent to the forward address from a mailbox"
        case .noSealingKey(let company):
            "company \(company) has no sealing key; run 'leverctl key generate'"
        case .databaseLost(let error):
            "\(error); what is stored stays stored: run this again when the database is back, nothing is stored twice"
        }
    }
}
