/// What a trial is of: chosen at its beginning, and the same in every later run.
public struct TrialPlan: Hashable, Codable, Sendable {
    public let company: String
    /// The company's mail domain.
    public let domain: String
    /// This mail host's name.
    public let host: String
    /// Who reads: whoever began the trial.
    public let account: Account
    /// The directory of that user's settings of leverctl: `~/.config/lever`.
    public let directory: String
    /// The provider of the company's mailboxes, as leverctl names it.
    public let provider: String

    public init(
        company: String, domain: String, host: String, account: Account, directory: String, provider: String
    ) {
        (self.company, self.domain, self.host) = (company, domain, host)
        (self.account, self.directory, self.provider) = (account, directory, provider)
    }

    var settings: String { directory + "/leverctl.yaml" }
    var passfile: String { directory + "/trial.pgpass" }
    var privateKey: String { directory + "/trial.pem" }
    var passphrase: String { directory + "/trial.passphrase" }

    /// Addresses that are nobody's: mail to them goes nowhere during the trial.
    var reader: String { "lever-trial@\(domain)" }
    let candidate = "jo@candidate.example"
    let candidateName = "Jo Candidate"

    /// The trial's own names in PostgreSQL.
    static let database = "lever"
    static let administrator = "lever_trial_admin"
    static let readerLogin = "lever_trial_reader"
    static let daemon = "lever_trial_host"
    static let groups = [
        "lever_owner", "lever_ingest", "lever_reader", "lever_rekey", "lever_retention", "lever_auditor",
        "lever_operator",
    ]
    static let logins = [administrator, readerLogin, daemon]

    static let daemonSettings = "/etc/lever-milter/lever-milter.yaml"
    /// The daemon's password, which systemd hands over.
    static let credential = "/etc/credstore/lever-milter.pgpass"
    static let signingKey = "/etc/credstore/lever-milter.signing-key"
    static let spool = "/var/spool/lever-milter"

    private enum CodingKeys: String, CodingKey {
        case company, domain, host, account, directory, provider
    }

    /// A command of leverctl as the user types it.
    func leverctl(_ words: String...) -> Invocation { Invocation(["leverctl"] + words, as: account) }
}
