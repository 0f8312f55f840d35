/// A step of a key rotation.
public struct RotationStep: Hashable, Sendable {
    /// The key's id in hexadecimal, or its version.
    public let key: String
    /// The state that the key has from this step on.
    public let state: KeyState

    public init(key: String, state: KeyState) {
        self.key = key
        self.state = state
    }
}
