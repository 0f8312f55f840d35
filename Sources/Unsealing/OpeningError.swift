/// Why a sealed message was not opened.
public enum OpeningError: Error, Hashable, CustomStringConvertible {
    /// Sealed to other keys.
    case sealedToOthers(key: [UInt8], recipients: [[UInt8]])
    /// Head or tail was changed, or they belong to different messages.
    case damaged
    /// Complete and unchanged, but sealed for another row.
    case boundElsewhere
    /// It opens, but what is in it cannot be a name and a mail address.
    case unusable

    public var description: String {
        switch self {
        case .sealedToOthers(let key, let recipients):
            "not sealed to this private key (\(key.hex)); open it with the private key of "
                + recipients.map(\.hex).joined(separator: " or ")
        case .damaged:
            "damaged or tampered with: it does not open; restore it from a backup and find out who changed it"
        case .boundElsewhere:
            "sealed for another row and moved to this one; find out who changed the database"
        case .unusable:
            "it opens, but holds no name and mail address that anybody could have typed in; find out who changed the "
                + "database"
        }
    }
}
