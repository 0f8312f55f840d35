/// A command as a person would type it, and as it is run: words, never a shell's line. What is shown can be pasted into
/// a shell and does the same.
public struct Invocation: Hashable, Sendable {
    public let words: [String]
    /// Its standard input, text that ends with a line feed; nil is none.
    public let input: String?
    /// Who runs it; nil is root.
    public let account: Account?

    public init(_ words: [String], input: String? = nil, as account: Account? = nil) {
        precondition(!words.isEmpty && input?.last ?? "\n" == "\n")
        self.words = words
        self.input = input
        self.account = account?.isRoot == true ? nil : account
    }

    /// With a prompt that says who types it: `#` for root, `$` for the user.
    public var typed: String {
        let line = words.map(shellWord).joined(separator: " ")
        let prompt = account == nil ? "#" : "$"
        guard let input else { return "\(prompt) \(line)" }
        let lines = input.split(separator: "\n", omittingEmptySubsequences: false)
        var end = "END"
        while lines.contains(Substring(end)) { end += "_" }
        return "\(prompt) \(line) <<'\(end)'\n\(input)\(end)"
    }

    /// What is started. As another user it runs with that user's rights and groups; the environment is the caller's
    /// matter.
    var arguments: [String] {
        guard let account else { return words }
        return ["runuser", "-u", account.name, "--"] + words
    }
}

/// A word as a shell reads it: as it is if nothing in it means something to a shell, else in single quotes.
public func shellWord(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_./:=@,+%".utf8.contains(byte)
        }
    }
    if plain, !word.isEmpty { return word }
    return "'" + word.replacing("'", with: #"'\''"#) + "'"
}
