/// How much of a stream is read.
enum TNEFLimits {
    static let attachments = 200
    /// Properties that are looked at in one list.
    static let properties = 10_000
    /// Bytes of decompressed RTF, and how often RTF may be longer than it is compressed: a reference of two bytes
    /// stands for 17 at most.
    static let rtf = 20 << 20
    static let expansion = 9
    /// Groups in groups of RTF.
    static let depth = 200
}
