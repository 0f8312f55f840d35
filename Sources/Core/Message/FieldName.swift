/// The start of a header field's first line: a name of visible characters, optional blanks and a colon (RFC 5322
/// sections 2.2 and 4.5).
public struct FieldName: Sendable {
    /// Length of the name in bytes.
    public let length: Int
    /// Length of the name and the blanks, in bytes.
    public let colon: Int

    /// Nil if the line does not start a field.
    public init?(startOf line: some RandomAccessCollection<UInt8>) {
        let name = line.prefix { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ":") }.count
        let blanks = line.dropFirst(name).prefix(while: \.isBlank).count
        guard name > 0, line.dropFirst(name + blanks).first == UInt8(ascii: ":") else { return nil }
        length = name
        colon = name + blanks
    }
}
