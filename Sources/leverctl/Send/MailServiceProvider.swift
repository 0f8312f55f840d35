import ArgumentParser

/// A provider of mail accounts, with its submission server and token endpoint.
enum MailServiceProvider: String, CaseIterable, ExpressibleByArgument {
    case google, microsoft

    var host: String { self == .google ? "smtp.gmail.com" : "smtp.office365.com" }

    var tokenURL: String {
        self == .google
            ? "https://oauth2.googleapis.com/token"
            : "https://login.microsoftonline.com/organizations/oauth2/v2.0/token"
    }

    /// The scope to request with a refresh token; nil for Google, which grants what was consented to.
    var scope: String? { self == .google ? nil : "https://outlook.office.com/SMTP.Send offline_access" }
}
