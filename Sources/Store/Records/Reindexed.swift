/// An opened profile with the blind index of its address under a new key.
public struct Reindexed: Sendable {
    public var profile: SealedProfile
    public var index: [UInt8]

    public init(profile: SealedProfile, index: [UInt8]) {
        self.profile = profile
        self.index = index
    }
}
