/// The SMTP client that brought a message, as far as the mail server tells.
public enum Client: Hashable, Sendable {
    /// It proved to be one of the mail server's users (SMTP AUTH).
    case user
    /// A host that did not: its address as Postfix writes it, empty where the server does not tell.
    case host(String)
    /// Nobody knows any more: mail that was delivered long ago.
    case forgotten

    /// By the macros `{auth_type}` and `{client_addr}`.
    public init(authenticationType: String?, address: String?) {
        self = authenticationType?.isEmpty == false ? .user : .host(address ?? "")
    }
}
