/// A file to be made.
public struct NewFile: Hashable, Sendable {
    public let path: String
    /// Permission bits.
    public let mode: UInt32
    /// Its owner; nil is root.
    public let owner: Account?
    public let text: String
    /// What is in it, for a person who must not see the text itself.
    public let contents: String

    public init(_ path: String, mode: UInt32, owner: Account? = nil, text: String, contents: String) {
        (self.path, self.mode, self.owner, self.text, self.contents) = (path, mode, owner, text, contents)
    }

    /// `0600`
    public var octalMode: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
