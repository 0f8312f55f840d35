public import Sealing

/// Why a sealed message was not re-wrapped. Its head stays what it was.
public enum RewrappingError: Error, Hashable, CustomStringConvertible {
    /// Sealed to others than the key at hand, or damaged; never `boundElsewhere`, which only opening finds.
    case notOpened(OpeningError)
    /// libcrypto did not wrap the key for a new recipient.
    case notWrapped(CryptoError)
    /// Nobody could ever open the message.
    case noRecipient

    public var description: String {
        switch self {
        case .notOpened(let error): error.description
        case .notWrapped(let error): "\(error); the message is as it was, try again"
        case .noRecipient: "no sealing key to re-wrap for; name at least one"
        }
    }
}
