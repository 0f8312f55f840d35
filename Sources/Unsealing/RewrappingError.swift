public import Sealing

/// Why a sealed message was not re-wrapped. Its head is unchanged.
public enum RewrappingError: Error, Hashable, CustomStringConvertible {
    /// Sealed to other keys, or damaged. Never `boundElsewhere`, which only opening detects.
    case notOpened(OpeningError)
    /// libcrypto failed to wrap the key for a new recipient.
    case notWrapped(CryptoError)
    /// No recipient was given: nobody could ever open the message.
    case noRecipient

    public var description: String {
        switch self {
        case .notOpened(let error): error.description
        case .notWrapped(let error): "\(error); the message is unchanged, try again"
        case .noRecipient: "there is no sealing key to re-wrap for; name at least one"
        }
    }
}
