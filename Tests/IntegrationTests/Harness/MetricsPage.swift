import TestSupport

/// A daemon's metrics, fetched anew for each value.
struct MetricsPage: Sendable {
    let client: HTTPClient

    init(_ server: HTTPClient.Server) { client = HTTPClient(server) }

    /// The sum of a metric's values whose labels have these prefixes: `area=new`.
    subscript(name: String, labels: String...) -> Double {
        get throws {
            let values = try samples().filter { sample in
                sample.name == name
                    && labels.allSatisfy { label in
                        let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                        return sample.labels[String(parts[0])]?.hasPrefix(String(parts[1])) == true
                    }
            }.map(\.value)
            guard !values.isEmpty else { throw HarnessError("\(name) \(labels) is not exported") }
            return values.reduce(0, +)
        }
    }

    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    func samples() throws -> [Sample] {
        try client.get("/metrics").body.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            guard let match = line.wholeMatch(of: #/([a-z_]+)(?:\{(.*)\})? (\S+)/#),
                let value = Double(match.output.3)
            else { throw HarnessError("no sample: \(line)") }
            // No value here has a comma or a quotation mark.
            let labels = (match.output.2 ?? "").split(separator: ",").map { label in
                let parts = label.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), parts[1].trimming("\""))
            }
            return Sample(
                name: String(match.output.1), labels: Dictionary(uniqueKeysWithValues: labels), value: value)
        }
    }

    /// Types by name, from the TYPE comments.
    func types() throws -> [String: String] {
        let words = try client.get("/metrics").body.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            .map { $0.split(separator: " ") }
        return Dictionary(uniqueKeysWithValues: words.map { (String($0[2]), String($0[3])) })
    }
}

extension Substring {
    fileprivate func trimming(_ mark: Character) -> String {
        var text = self
        while text.first == mark { text.removeFirst() }
        while text.last == mark { text.removeLast() }
        return String(text)
    }
}
