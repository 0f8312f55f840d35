import Core

/// Where the accounts of a provider submit mail and get tokens.
extension MailProvider {
    /// The submission server; nil for Exchange, which is the company's own.
    var submissionHost: String? {
        switch self {
        case .google: "smtp.gmail.com"
        case .microsoft: "smtp.office365.com"
        case .exchange: nil
        }
    }

    /// The token endpoint; nil for Exchange, which takes passwords.
    var tokenURL: String? {
        switch self {
        case .google: "https://oauth2.googleapis.com/token"
        case .microsoft: "https://login.microsoftonline.com/organizations/oauth2/v2.0/token"
        case .exchange: nil
        }
    }

    /// The scope to request with a refresh token; nil for Google, which grants what was consented to.
    var tokenScope: String? {
        self == .microsoft ? "https://outlook.office.com/SMTP.Send offline_access" : nil
    }
}
