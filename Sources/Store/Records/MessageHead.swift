public import Core

/// The head of a message.
public struct MessageHead: Hashable, Sendable {
    public let entry: EntryID
    public let head: [UInt8]
}
