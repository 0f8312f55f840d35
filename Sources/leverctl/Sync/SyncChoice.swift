import Core
import Store

/// A sync level that a company may choose: whether it is available, what users agree to, and the scopes that it asks
/// for at the mailbox provider, in ascending order of access.
///
/// Sources: Google, "OAuth 2.0 scopes for Google APIs" and "IMAP, POP, and SMTP: OAuth 2.0 mechanism"; Microsoft,
/// "Authenticate an IMAP, POP or SMTP connection using OAuth" and "Microsoft Graph permissions reference".
struct SyncChoice: Encodable {
    struct Scope: Encodable {
        let scope: String
        let purpose: String
    }

    let name: String
    /// Actions that each user agrees to: `send`, `read`.
    let grants: [String]
    /// Why it cannot be chosen; nil if it can.
    let refusal: String?
    let google: [Scope]
    let microsoft: [Scope]

    static func all(of company: CompanyRecord) -> [SyncChoice] {
        [SyncLevel.limited, .full].map { SyncChoice($0, of: company) }
            // On-premise Exchange has no limited sync.
            .filter { $0.name != SyncLevel.limited.rawValue || company.provider != .exchange }
    }

    init(_ level: SyncLevel, of company: CompanyRecord) {
        name = level.rawValue
        grants = level == .full ? ["send", "read"] : ["send"]
        refusal =
            if level == .limited, company.provider == .exchange {
                "on-premise Exchange has no limited sync"
            } else if level == .full, !company.isFullSyncReady {
                "full sync is not set up for this company; once it is, an administrator runs leverctl company set "
                    + "--full-sync on"
            } else {
                nil
            }
        google = Self.google(level)
        microsoft = Self.microsoft(level)
    }

    private static func google(_ level: SyncLevel) -> [Scope] {
        let limited = [
            Scope(
                scope: "(none)", purpose: "send with an app password, or through the company's own submission server"),
            Scope(
                scope: "https://mail.google.com/",
                purpose:
                    "send by SMTP with OAuth 2: Google has no smaller scope for SMTP; leverctl reads nothing with it"),
        ]
        return level == .limited
            ? limited
            : limited + [Scope(scope: "https://www.googleapis.com/auth/gmail.readonly", purpose: "read mailboxes")]
    }

    private static func microsoft(_ level: SyncLevel) -> [Scope] {
        let limited = [
            Scope(scope: "https://outlook.office.com/SMTP.Send", purpose: "send by SMTP"),
            Scope(scope: "offline_access", purpose: "keep sending without a new sign-in each hour (refresh token)"),
        ]
        return level == .limited
            ? limited : limited + [Scope(scope: "https://graph.microsoft.com/Mail.Read", purpose: "read mailboxes")]
    }

    /// For a terminal.
    var text: String {
        var lines = ["\(name): users let the product \(grants.joined(separator: " and "))"]
        if let refusal { lines.append("  cannot be chosen: \(refusal)") }
        for (provider, scopes) in [("Google", google), ("Microsoft", microsoft)] {
            lines.append("  \(provider), the least first:")
            lines += scopes.map { "    \($0.scope): \($0.purpose)" }
        }
        return lines.joined(separator: "\n")
    }
}
