import Foundation
import TestSupport

/// An entry of `leverctl timeline --json`, as it is.
struct CaseEntry {
    private let values: [String: Any]

    static func all(in json: [UInt8]) throws -> [CaseEntry] {
        let timeline = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        guard let messages = timeline?["messages"] as? [[String: Any]] else { throw HarnessError("no messages") }
        return messages.map(CaseEntry.init)
    }

    /// A value of that key; empty if there is none.
    func text(_ key: String) -> String { values[key].map { "\($0)" } ?? "" }

    /// What a term's name stands for.
    func value(_ name: String) throws -> CaseTerm.Value {
        switch name {
        case "text", "quoted":
            let blocks = values["text"] as? [[String: Any]] ?? []
            return .text(
                blocks.filter { ($0["quoted"] as? Bool) == (name == "quoted") }
                    .compactMap { $0["text"] as? String }.joined(separator: "\n"))
        case "label": return .list(values["labels"] as? [String] ?? [])
        case "attachment":
            let attachments = values["attachments"] as? [[String: Any]] ?? []
            return .list(
                attachments.flatMap { attachment in
                    let name = attachment["name"] as? String ?? ""
                    return [name, "\(name),\(attachment["size"] ?? "")"]
                })
        case "entry":
            let json = try JSONSerialization.data(withJSONObject: values, options: .withoutEscapingSlashes)
            return .text(String(decoding: json, as: UTF8.self).lowercased())
        default: return .text(text(name))
        }
    }
}
