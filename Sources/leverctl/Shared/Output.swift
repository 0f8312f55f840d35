import Foundation
import System

/// Prints one JSON document, with snake_case keys in alphabetical order. Keys without a value are left out, and
/// characters that would drive a terminal are escaped.
func printJSON(_ value: some Encodable) throws { print(try jsonText(value, .prettyPrinted)) }

/// The same document in one line.
func jsonLine(_ value: some Encodable) throws -> String { try jsonText(value, []) }

func jsonText(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: try encoder.encode(value), as: UTF8.self).printableJSON()
}

/// Rows in aligned columns under their titles, with control characters escaped.
func tableText(_ titles: [String], _ rows: [[String]]) -> String {
    let lines = [titles] + rows.map { $0.map { $0.printable() } }
    let widths = titles.indices.map { column in lines.map { $0[column].columns }.max()! }
    return lines.map { tableLine($0, widths) }.joined(separator: "\n")
}

/// A line of a table: cells padded to the widths of their columns, without trailing blanks.
func tableLine(_ cells: [String], _ widths: [Int]) -> String {
    var line = zip(cells, widths).map { $0 + String(repeating: " ", count: max(0, $1 - $0.columns)) }
        .joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
}

/// A number with its noun: `1 message`, `3 messages`.
func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}
