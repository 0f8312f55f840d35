/// The text of a configuration file, in which single keys are set. All other lines stay as they are.
public struct SettingsText: Hashable, Sendable {
    public private(set) var text: String

    public init(_ text: String) { self.text = text }

    /// Whether a key is set.
    public func has(_ key: String) -> Bool {
        text.split(separator: "\n").contains { $0.hasPrefix("\(key):") }
    }

    /// Sets a key whose value is one line: in the place of its line, or of its example that is commented out
    /// (`#database: …`), else at the end.
    public mutating func set(_ key: String, _ value: String) {
        let line = "\(key): \(yamlScalar(value))"
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let place =
            lines.firstIndex { $0.hasPrefix("\(key):") } ?? lines.firstIndex { $0.hasPrefix("#\(key):") }
        if let place {
            lines[place] = line
        } else {
            if lines.last == "" { lines.removeLast() }
            lines += [line, ""]
        }
        text = lines.joined(separator: "\n")
    }
}

/// A text as a scalar of YAML: as it is if that is what YAML reads, else in single quotes.
public func yamlScalar(_ text: String) -> String {
    let special = "!&*-?|>@%`\"'#{}[],: "
    let isPlain =
        !text.isEmpty && !special.contains(text.first!) && text.last != ":" && text.last != " "
        && !text.contains(": ") && !text.contains(" #") && text.allSatisfy { !$0.isNewline && $0 != "\t" }
    return isPlain ? text : "'" + text.replacing("'", with: "''") + "'"
}

/// A value in a connection string: in single quotes if it has blanks, quotes or backslashes (libpq's rules).
public func conninfoValue(_ text: String) -> String {
    guard text.isEmpty || text.contains(where: { $0.isWhitespace || $0 == "'" || $0 == "\\" }) else { return text }
    return "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
}
