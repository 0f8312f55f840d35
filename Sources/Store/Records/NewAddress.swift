public import Core

/// A sealed address with its index under each live index key.
public struct NewAddress: Sendable {
    public var profile: SealedProfile
    public var indices: [(version: UInt8, index: [UInt8])]

    public init(profile: SealedMessage, binding: Binding, indices: [(version: UInt8, index: [UInt8])]) {
        self.profile = SealedProfile(sealed: profile, binding: binding)
        self.indices = indices
    }
}
