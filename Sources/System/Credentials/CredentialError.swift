/// Why a secret could not be read. Never its content.
public struct CredentialError: Error, CustomStringConvertible, Sendable {
    public let path: String
    /// With what to do, where that is known.
    public let reason: String
    /// Another user, such as root, may be able to read it.
    public let isDenied: Bool

    init(path: String, _ reason: String, isDenied: Bool) {
        self.path = path
        self.reason = reason
        self.isDenied = isDenied
    }

    public var description: String { "\(path): \(reason)" }
}
