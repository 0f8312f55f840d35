/// The beginning of a line that begins a header field: a name of visible characters, perhaps blanks, and a colon (RFC 5322
/// sections 2.2 and 4.5).
public struct FieldName: Sendable {
    /// Bytes of the name.
    public let length: Int
    /// Bytes before the colon: the name and the blanks.
    public let colon: Int

    /// Nil for a line that begins no field.
    public init?(startOf line: some RandomAccessCollection<UInt8>) {
        let name = line.prefix { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ":") }.count
        let blanks = line.dropFirst(name).prefix(while: \.isBlank).count
        guard name > 0, line.dropFirst(name + blanks).first == UInt8(ascii: ":") else { return nil }
        length = name
        colon = name + blanks
    }
}
