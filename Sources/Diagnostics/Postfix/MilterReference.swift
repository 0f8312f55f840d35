/// A filter as Postfix's configuration names it: `unix:path`, `inet:host:port`, or either with its own settings, `{
/// unix:path, default_action=tempfail }`.
struct MilterReference: Hashable, Sendable {
    /// As written in the configuration.
    let address: String
    let settings: [String: String]

    /// The filters of a list, in order.
    static func list(_ text: String) -> [MilterReference] { split(text).map(MilterReference.init) }

    private init(_ text: String) {
        guard text.hasPrefix("{"), text.hasSuffix("}") else {
            (address, settings) = (text, [:])
            return
        }
        let parts = Self.split(String(text.dropFirst().dropLast()))
        address = parts.first ?? ""
        var settings: [String: String] = [:]
        for part in parts.dropFirst() {
            // A setting in its own braces may contain spaces.
            let pair = part.hasPrefix("{") ? String(part.dropFirst().dropLast()) : part
            guard let equals = pair.firstIndex(of: "=") else { continue }
            settings[Self.trimmed(pair[..<equals])] = Self.trimmed(pair[pair.index(after: equals)...])
        }
        self.settings = settings
    }

    /// Splits at commas and white space outside braces.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        for character in text {
            if depth == 0, character == "," || character.isWhitespace {
                if !part.isEmpty { parts.append(part) }
                part = ""
                continue
            }
            if character == "{" { depth += 1 }
            if character == "}" { depth = max(0, depth - 1) }
            part.append(character)
        }
        return part.isEmpty ? parts : parts + [part]
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.trimmingPrefix { $0.isWhitespace }.reversed().trimmingPrefix { $0.isWhitespace }.reversed())
    }

    /// The path of a unix socket, as written.
    var path: String? {
        for prefix in ["unix:", "local:"] where address.hasPrefix(prefix) {
            return String(address.dropFirst(prefix.count))
        }
        return nil
    }

    /// The endpoint that a Postfix program with this address reaches. Nil if it is not an address.
    func endpoint(queueDirectory: String, isChrooted: Bool) -> Endpoint? {
        if let path {
            if !path.hasPrefix("/") { return .unix("\(queueDirectory)/\(path)") }
            return .unix(isChrooted ? queueDirectory + path : path)
        }
        guard address.hasPrefix("inet:") || address.hasPrefix("inet6:"),
            let colon = address.firstIndex(of: ":"), let last = address.lastIndex(of: ":"), colon < last,
            let port = UInt16(address[address.index(after: last)...])
        else { return nil }
        let host = address[address.index(after: colon)..<last]
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
        return .tcp(host: bare.isEmpty ? "localhost" : bare, port: port)
    }
}
