public import Core

/// A sealed name and address in the database, with what it must be bound to.
public struct SealedProfile: Hashable, Sendable {
    public let sealed: SealedMessage
    public let binding: Binding

    public init(sealed: SealedMessage, binding: Binding) {
        self.sealed = sealed
        self.binding = binding
    }
}

/// The new blind index of an address whose profile was opened.
public struct Reindexed: Sendable {
    public var profile: SealedProfile
    public var index: [UInt8]

    public init(profile: SealedProfile, index: [UInt8]) {
        self.profile = profile
        self.index = index
    }
}

/// A sealed address with its index under each live index key.
public struct NewAddress: Sendable {
    public var profile: SealedProfile
    public var indices: [(version: UInt8, index: [UInt8])]

    public init(profile: SealedMessage, binding: Binding, indices: [(version: UInt8, index: [UInt8])]) {
        self.profile = SealedProfile(sealed: profile, binding: binding)
        self.indices = indices
    }
}
