/// A keyed digest by which the database finds a value, with the version of the index key that made it.
public struct BlindIndex: Hashable, Sendable {
    public let version: UInt8
    /// 16 bytes.
    public let bytes: [UInt8]

    public init(version: UInt8, bytes: [UInt8]) {
        self.version = version
        self.bytes = bytes
    }

    /// Version and index, 17 bytes: the form in lists of indices under several keys.
    public var packed: [UInt8] { [version] + bytes }
}
