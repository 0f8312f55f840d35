/// One JSON document, as `printJSON` prints it, of which one list is printed element by element: it is never in memory as
/// a whole. If the command fails before `end`, the document is cut off.
struct JSONListing {
    /// What follows the list.
    private let rest: Substring
    private var isEmpty = true
    private let write: (String) -> Void

    /// Prints what precedes the list. `document` has an empty list with that key, the first of its kind.
    init(
        of document: some Encodable, in key: String, write: @escaping (String) -> Void = { print($0, terminator: "") }
    ) throws {
        let text = try jsonText(document, .prettyPrinted)
        // A quotation mark within a text is escaped, so this is the key.
        guard let start = text.firstRange(of: "\"\(key)\" : ["),
            let end = text[start.upperBound...].firstIndex(of: "]")
        else { preconditionFailure("the document has no list '\(key)'") }
        rest = text[text.index(after: end)...]
        self.write = write
        write(String(text[..<start.upperBound]))
    }

    mutating func add(_ element: some Encodable) throws {
        // Line feeds within texts are escaped, so these are between values.
        let lines = try jsonText(element, .prettyPrinted).split(separator: "\n", omittingEmptySubsequences: false)
        write(isEmpty ? "\n" : ",\n")
        write(lines.map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n"))
        isEmpty = false
    }

    func end() {
        write("\(isEmpty ? "\n\n" : "\n")  ]\(rest)\n")
    }
}
