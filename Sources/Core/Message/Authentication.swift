/// Whether a message is of whom it says, as trusted hosts wrote it down. Stored with it; names never change.
public enum Authentication: String, CaseIterable, Sendable {
    case pass, fail
    /// Nobody whom the mail host trusts checked it, or it could not be told.
    case none
}

/// What trusted hosts wrote into Authentication-Results (RFC 8601), a result a method.
///
/// Only fields of trusted authserv-ids are read, and of each method the results of the topmost field that has any: fields
/// are put on top as a message travels. The trusted hosts must remove fields in their name that a message arrives with
/// (RFC 8601 section 5); nobody further on can tell those apart.
///
/// BUGS: domains are aligned if they are the same or one is below the other, without a list of public suffixes.
public struct AuthenticationResults: Sendable {
    private struct Result {
        let method: String
        let value: String
        /// `header.d`, `smtp.mailfrom` and so on, in lower case.
        let properties: [String: String]

        /// A property that is an address or a domain; a result without it is about the message as it stands.
        func isAbout(_ domain: String, _ property: String) -> Bool {
            guard let value = properties[property] else { return property == "header.from" }
            let other = value.split(separator: "@").last.map(String.init) ?? value
            return other == domain || other.hasSuffix(".\(domain)")
                || other.contains(".") && domain.hasSuffix(".\(other)")
        }
    }

    private var results: [Result] = []

    /// Fields looked at.
    private static let fieldLimit = 16

    /// `trusted`: authserv-ids in lower case.
    public init(_ header: HeaderSection, trusted: some Collection<String>) {
        guard !trusted.isEmpty else { return }
        for value in header.unfolded("Authentication-Results").prefix(Self.fieldLimit) {
            var parts = Self.parts(of: value[...].prefix(MessageIDList.byteLimit))[...]
            // After the authserv-id there may be a version.
            guard let name = parts.popFirst()?.first?.lowercased(), trusted.contains(name) else { continue }
            let known = Set(results.map(\.method))
            results += parts.compactMap(Self.result).filter { !known.contains($0.method) }
        }
    }

    /// What they say about mail of a domain, in lower case: DMARC decides where it was checked, else a pass of SPF or DKIM
    /// for that domain is one, and a fail of either without a pass is a fail.
    public func verdict(for domain: String) -> Authentication {
        let dmarc = results.filter { $0.method == "dmarc" && $0.isAbout(domain, "header.from") }
        if let decisive = dmarc.first(where: { ["pass", "fail"].contains($0.value) }) {
            return decisive.value == "pass" ? .pass : .fail
        }
        let others =
            results.filter { $0.method == "dkim" && ($0.isAbout(domain, "header.d") || $0.isAbout(domain, "header.i")) }
            + results.filter { $0.method == "spf" && $0.isAbout(domain, "smtp.mailfrom") }
        if others.contains(where: { $0.value == "pass" }) { return .pass }
        return others.contains { $0.value == "fail" || $0.value == "hardfail" } ? .fail : .none
    }

    private static let grammar = HeaderLexer.Grammar(specials: ";=", hasQuotedStrings: true)

    /// The words of each part between semicolons, `=` a word of its own, without comments.
    private static func parts(of value: ArraySlice<UInt8>) -> [[String]] {
        var parts: [[String]] = [[]]
        var word: [UInt8] = []

        func endWord() {
            if !word.isEmpty { parts[parts.count - 1].append(String(decoding: word, as: UTF8.self)) }
            word = []
        }

        var lexer = HeaderLexer(value, grammar)
        while let token = lexer.next() {
            switch token {
            case .word(let range): word += value[range]
            case .quoted(let range, _): word += lexer.unescaped(range)
            case .space, .comment(isClosed: true): endWord()
            case .special(let byte):
                endWord()
                if byte == UInt8(ascii: ";") { parts.append([]) } else { parts[parts.count - 1].append("=") }
            case .comment(isClosed: false):
                endWord()
                return parts
            }
        }
        endWord()
        return parts
    }

    /// `method=result`, then `property=value` as often as may be. Nil for what has another form.
    private static func result(_ words: [String]) -> Result? {
        var pairs: [(name: String, value: String)] = []
        var position = 0
        while position + 2 < words.count {
            guard words[position + 1] == "=" else {
                position += 1
                continue
            }
            pairs.append((words[position].lowercased(), words[position + 2].lowercased()))
            position += 3
        }
        guard let first = pairs.first, let method = first.name.split(separator: "/").first else { return nil }
        return Result(
            method: String(method), value: first.value,
            properties: Dictionary(pairs.dropFirst().map { ($0.name, $0.value) }, uniquingKeysWith: { one, _ in one }))
    }
}
