/// A table that Postfix looks up: of virtual_alias_maps, a list of canonical maps, or smtpd_milter_maps.
struct RewritingTable: Sendable {
    struct Entry: Hashable, Sendable {
        /// An address, `@domain`, a local part; of a table of patterns, the pattern.
        let key: String
        /// As written.
        let value: String
        /// What takes its place, where that is addresses.
        let addresses: [String]

        init(key: String, value: some StringProtocol) {
            self.key = key
            self.value = String(value.drop { $0.isWhitespace })
            addresses = String(value).split { $0 == "," || $0.isWhitespace }.map(String.init)
        }
    }

    /// As in main.cf: `hash:/etc/postfix/virtual`.
    let name: String

    /// The table without the proxy in front of it, which lists nothing.
    var direct: String { name.hasPrefix("proxy:") ? String(name.dropFirst("proxy:".count)) : name }

    /// The file of a table of patterns, which postmap(1) does not list.
    var patternFile: String? {
        for type in ["regexp:", "pcre:", "cidr:"] where direct.hasPrefix(type) && !direct.contains("{") {
            return String(direct.dropFirst(type.count))
        }
        return nil
    }

    /// Whether postmap(1) makes it of a file.
    var isCompiled: Bool {
        ["hash:", "btree:", "lmdb:", "cdb:", "dbm:", "sdbm:"].contains { direct.hasPrefix($0) }
    }

    /// The answer of a table that has the same for every key.
    var constant: String? {
        guard direct.hasPrefix("static:") else { return nil }
        let value = direct.dropFirst("static:".count)
        return value.hasPrefix("{") && value.hasSuffix("}") ? String(value.dropFirst().dropLast()) : String(value)
    }

    /// The domain of an address or of a pattern for addresses, in lower case; nil if it has none.
    static func domain(of text: String) -> String? {
        guard let at = text.lastIndex(of: "@") else { return nil }
        return text[text.index(after: at)...].prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" }
            .lowercased()
    }

    /// Of the lines `key TAB value` that `postmap -s` writes.
    static func entries(listing: String) -> [Entry] {
        listing.split(separator: "\n").compactMap { line in
            guard let end = line.firstIndex(where: { $0 == "\t" || $0 == " " }) else { return nil }
            return Entry(key: String(line[..<end]), value: line[end...])
        }
    }

    /// Of a file of patterns (regexp_table(5), pcre_table(5), cidr_table(5)): a line that begins with a blank goes on with the one
    /// before.
    static func entries(patterns: String) -> [Entry] {
        var lines: [Substring] = []
        for line in patterns.split(separator: "\n") where !line.allSatisfy(\.isWhitespace) {
            if line.first?.isWhitespace ?? false, let last = lines.popLast() {
                lines.append(last + line)
            } else if line.first != "#" {
                lines.append(line)
            }
        }
        return lines.compactMap { line in
            let words = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            guard words.count == 2, !["if", "endif"].contains(words[0].lowercased()) else { return nil }
            return Entry(key: words[0].filter { $0 != "\\" }, value: words[1])
        }
    }
}
