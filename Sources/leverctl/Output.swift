import Foundation

/// Prints one JSON document: snake_case keys in alphabetical order. Keys of values that are not known are left out.
func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Prints rows in aligned columns below their titles.
func printTable(_ titles: [String], _ rows: [[String]]) {
    let lines = [titles] + rows.map { $0.map { $0.printable() } }
    let widths = titles.indices.map { column in lines.map { $0[column].count }.max()! }
    for line in lines {
        let cells = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        let text = cells.joined(separator: "  ")
        print(text.prefix(text.lastIndex { $0 != " " }.map { text.distance(from: text.startIndex, to: $0) + 1 } ?? 0))
    }
}

/// A value of a company, such as `3 messages`.
func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}
