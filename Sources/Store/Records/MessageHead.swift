public import Core

/// The head of a message, and the keys that it is wrapped for.
public struct MessageHead: Hashable, Sendable {
    public let entry: EntryID
    public let head: [UInt8]
    /// 20 bytes each.
    public let keyIDs: [[UInt8]]
}
