/// The file that a new installation begins with: every key, with what it is, and those that an administrator has to think
/// about last to be decided. What is commented shows its default, or an example.
struct DefaultConfiguration {
    let keys: [ConfigurationKey]

    struct MissingExample: Error, CustomStringConvertible {
        let key: String
        var description: String {
            "\(key) has no value by default; give it an example in Sources/manual/DefaultConfiguration.swift"
        }
    }

    /// As the package's units need them.
    private static let given = ["socket": "fd:3", "spool": "/var/spool/lever-milter"]

    private static let examples = [
        "database": "host=db.example dbname=lever user=mx1 sslmode=verify-full",
        "authserv_ids": "[mx.acme.example]", "host_name": "mx1", "signing_key": "credential:lever-milter.signing-key",
        "metrics": "inet:9870@127.0.0.1",
    ]

    func text() throws(MissingExample) -> String {
        var text = """
            # Configuration of lever-milter and leverctl: lever-milter.yaml(5).
            #
            # A key without '#' counts; the others show their default, or an example. lever-milter needs 'database' before it
            # can start. On a machine that has leverctl alone, what is marked as lever-milter's does not matter.

            """
        for key in keys {
            text += "\n"
            let usedBy = key.usedBy == "both" ? "" : "\(key.usedBy): "
            for line in Self.wrapped(Self.plain(usedBy + key.meaning)) { text += "# \(line)\n" }
            if let value = Self.given[key.name] {
                text += "\(key.name): \(value)\n"
            } else {
                text += "#\(key.name): \(try example(key))\n"
            }
        }
        return text
    }

    private func example(_ key: ConfigurationKey) throws(MissingExample) -> String {
        if let value = key.presetValue ?? Self.examples[key.name] { return value }
        if key.name.hasSuffix("_database") {
            return "host=db.example dbname=lever user=\(key.name.dropLast("_database".count)) sslmode=verify-full"
        }
        throw MissingExample(key: key.name)
    }

    /// Markdown without its marks.
    private static func plain(_ markdown: String) -> String {
        markdown.replacing(#/\[([^\]]*)\]\([^)]*\)/#) { $0.output.1 }.replacing("`", with: "")
    }

    private static func wrapped(_ text: String) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            if lines.last!.isEmpty {
                lines[lines.count - 1] += word
            } else if lines.last!.count + 1 + word.count > 98 {
                lines.append(String(word))
            } else {
                lines[lines.count - 1] += " \(word)"
            }
        }
        return lines
    }
}
