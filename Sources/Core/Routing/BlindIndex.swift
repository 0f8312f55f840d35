/// A keyed digest that the database finds something by, with the version of the company's index key that made it.
public struct BlindIndex: Hashable, Sendable {
    public let version: UInt8
    /// 16 bytes.
    public let bytes: [UInt8]

    public init(version: UInt8, bytes: [UInt8]) {
        self.version = version
        self.bytes = bytes
    }

    /// Version and index, 17 bytes, as they are written down where indices of several keys stand in a row.
    public var packed: [UInt8] { [version] + bytes }
}
