/// A filter as Postfix's configuration names it: `unix:path`, `inet:host:port`, or either with its own settings, `{
/// unix:path, default_action=tempfail }`.
struct MilterReference: Hashable, Sendable {
    /// As written in the configuration.
    let address: String
    let settings: [String: String]

    /// The filters of a list, in order.
    static func list(_ text: String) -> [MilterReference] { PostfixSetup.words(text).map(MilterReference.init) }

    /// As one word: postconf(1) writes no white space into master.cf.
    var word: String {
        guard !settings.isEmpty else { return address }
        let pairs = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "{\(([address] + pairs).joined(separator: ","))}"
    }

    init(address: String, settings: [String: String]) { (self.address, self.settings) = (address, settings) }

    private init(_ text: String) {
        guard text.hasPrefix("{"), text.hasSuffix("}") else {
            (address, settings) = (text, [:])
            return
        }
        let parts = PostfixSetup.words(String(text.dropFirst().dropLast()))
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

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.trimmingPrefix { $0.isWhitespace }.reversed().trimmingPrefix { $0.isWhitespace }.reversed())
    }

    /// A copy with other settings.
    func with(_ changes: [String: String]) -> MilterReference {
        MilterReference(address: address, settings: settings.merging(changes) { $1 })
    }

    /// Whether it signs (DKIM), as far as its address says: by name, or by the port of OpenDKIM and rspamd.
    var signs: Bool {
        let text = address.lowercased()
        return ["dkim", "rspamd", "sign"].contains { text.contains($0) }
            || [":8891", ":11332"].contains { text.hasSuffix($0) }
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
