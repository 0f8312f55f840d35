/// Whether a message is of whom it says, as trusted hosts wrote it down. Stored with it; names never change.
public enum Authentication: String, CaseIterable, Sendable {
    case pass, fail
    /// Nobody whom the mail host trusts checked it, or it could not be told.
    case none
}
