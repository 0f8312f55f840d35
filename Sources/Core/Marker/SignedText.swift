/// The form that markers and tokens share: a prefix, and the lowercase base32 of some fields with a MAC of 16 bytes after
/// them. It knows the form alone; whether a MAC is right is for whoever has the key to say.
public struct SignedText: Sendable {
    public static let macLength = 16

    public let prefix: String
    /// Bytes before the MAC.
    private let fieldLength: Int
    /// Base32 digits of fields and MAC.
    private let digits: Int

    public init(prefix: String, fieldLength: Int) {
        self.prefix = prefix
        self.fieldLength = fieldLength
        digits = ((fieldLength + Self.macLength) * 8 + 4) / 5
    }

    public func encode(_ fields: [UInt8], mac: some Sequence<UInt8>) -> String { prefix + Base32.encode(fields + mac) }

    /// Nil for what does not have the form. Letters of either case are read: some mail systems change it.
    public func decode(_ text: ArraySlice<UInt8>) -> (fields: ArraySlice<UInt8>, mac: [UInt8])? {
        guard text.count == prefix.utf8.count + digits, isPrefix(of: text),
            let bytes = Base32.decode(text.dropFirst(prefix.utf8.count)),
            bytes.count == fieldLength + Self.macLength
        else { return nil }
        return (bytes[..<fieldLength], Array(bytes[fieldLength...]))
    }

    /// Whether it begins so, however it goes on.
    func isPrefix(of text: ArraySlice<UInt8>) -> Bool {
        text.count >= prefix.utf8.count && zip(text, prefix.utf8).allSatisfy { $0.asciiLowercased == $1 }
    }
}
