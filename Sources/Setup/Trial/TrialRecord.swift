/// What a trial made and what it changed, noted before each is made: all that its removal may touch.
struct TrialRecord: Codable {
    struct PostfixChange: Codable, Hashable {
        let name: String
        /// What main.cf said before; nil if it did not name the parameter.
        let before: String?
        let after: String
    }

    struct FileChange: Codable, Hashable {
        let before: String
        let after: String
    }

    /// Of this form of the record.
    var format = 1
    let plan: TrialPlan
    /// Packages that were installed for it. They stay.
    var packages: [String] = []
    /// Files and directories that it made, in this order.
    var made: [String] = []
    /// The texts of those of them that people may change.
    var texts: [String: String] = [:]
    var changes: [String: FileChange] = [:]
    /// Login and group roles.
    var roles: [String] = []
    /// The database's object id, by which it is known again; 0 until it is made.
    var database: Int?
    var enabledUnits = false
    var postfix: [PostfixChange] = []
    /// Of its thread, with angle brackets.
    var messageID: String?
    /// The mails that were sent: `first`, `reply`.
    var sent: [String] = []

    static let path = "/var/lib/lever/trial.json"
}
