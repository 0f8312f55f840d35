import Glibc

/// Postfix's configuration on this host, from postconf(1).
struct PostfixSetup: Sendable {
    /// A line of master.cf.
    struct Service: Sendable {
        /// In postconf's form: `smtp/inet`.
        let name: String
        /// The program.
        let command: String
        let isChrooted: Bool
        /// The `-o` settings, expanded.
        let overrides: [String: String]
    }

    enum Search: Sendable {
        case found(PostfixSetup)
        /// There is no Postfix to check, for this reason.
        case none(String)
        case failed(String)
    }

    /// The parameters of main.cf and the defaults, expanded. Parameters that this Postfix does not know are missing.
    let parameters: [String: String]
    let services: [Service]
    /// Asks a table as postmap(1) does; nil where it knows nothing of the key, or cannot be read.
    let lookUp: @Sendable (_ table: String, _ key: String) -> String?
    /// All that is in a table; nil where its type has no list, as LDAP and SQL, or where it is too long.
    let list: @Sendable (RewritingTable) -> [RewritingTable.Entry]?

    /// Seconds for each command.
    private static let limit = 5

    private static let names = [
        "mail_version", "compatibility_level", "queue_directory", "mail_owner", "smtpd_milters", "non_smtpd_milters",
        "milter_default_action", "milter_protocol", "milter_connect_timeout", "milter_command_timeout",
        "milter_content_timeout", "smtpd_forbid_bare_newline", "message_size_limit", "receive_override_options",
        "smtpd_milter_maps", "content_filter", "header_checks", "cleanup_service_name", "recipient_delimiter",
        "enable_threaded_bounces", "internal_mail_filter_classes", "virtual_alias_maps", "canonical_maps",
        "recipient_canonical_maps", "sender_canonical_maps", "virtual_alias_domains", "virtual_mailbox_domains",
        "relay_domains", "mydestination", "myorigin",
    ]

    /// `directory` is the directory of main.cf; nil for Postfix's default.
    static func find(directory: String?) -> Search {
        let places = ["/usr/sbin/postconf", "/usr/local/sbin/postconf", "/usr/bin/postconf"]
        guard let program = places.first(where: { access($0, X_OK) == 0 }) else {
            return .none("there is no Postfix on this host")
        }
        let command = [program] + (directory.map { ["-c", $0] } ?? [])
        do {
            if directory == nil, access("/etc/postfix/main.cf", F_OK) != 0 {
                return .none("Postfix is installed but not configured (no /etc/postfix/main.cf)")
            }
            let parameters = pairs(try ToolOutput.of(command + ["-x"] + names, seconds: limit))
            let master = try ToolOutput.of(command + ["-M"], seconds: limit)
            let overrides = pairs(try ToolOutput.of(command + ["-x", "-P"], seconds: limit))
            let postmap = [program.replacing("postconf", with: "postmap")] + command.dropFirst()
            return .found(
                PostfixSetup(parameters: parameters, master: master, overrides: overrides) { table, key in
                    try? ToolOutput.of(postmap + ["-q", key, table], seconds: limit)
                } list: { table in
                    if let file = table.patternFile {
                        return readText(file).map(RewritingTable.entries(patterns:))
                    }
                    let listing = try? ToolOutput.of(postmap + ["-s", table.direct], seconds: limit)
                    return listing.map(RewritingTable.entries(listing:))
                })
        } catch {
            return .failed(error.description)
        }
    }

    /// Parses lines of `name = value`.
    private static func pairs(_ text: String) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.range(of: " =") else { continue }
            pairs[String(line[..<equals.lowerBound])] = String(line[equals.upperBound...].drop { $0 == " " })
        }
        return pairs
    }

    init(
        parameters: [String: String], master: String, overrides: [String: String],
        lookUp: @escaping @Sendable (_ table: String, _ key: String) -> String? = { _, _ in nil },
        list: @escaping @Sendable (RewritingTable) -> [RewritingTable.Entry]? = { _ in nil }
    ) {
        self.parameters = parameters
        self.lookUp = lookUp
        self.list = list
        let level = Double(parameters["compatibility_level"] ?? "") ?? 0
        services = master.split(separator: "\n").compactMap { line in
            // service type private unpriv chroot wakeup maxproc command + args
            let fields = line.split { $0 == " " || $0 == "\t" }
            guard fields.count >= 8 else { return nil }
            let name = "\(fields[0])/\(fields[1])"
            let own = overrides.compactMap { key, value -> (String, String)? in
                key.hasPrefix(name + "/") ? (String(key.dropFirst(name.count + 1)), value) : nil
            }
            return Service(
                name: name, command: String(fields[7]),
                // `-` is the default, which Postfix 3 changed.
                isChrooted: fields[4] == "y" || (fields[4] == "-" && level < 1),
                overrides: Dictionary(own) { $1 })
        }
    }

    var queueDirectory: String { parameters["queue_directory"] ?? "/var/spool/postfix" }
    var mailOwner: String { parameters["mail_owner"] ?? "postfix" }

    func services(running command: String) -> [Service] { services.filter { $0.command == command } }

    /// The value in effect for a service.
    func value(_ name: String, _ service: Service? = nil) -> String {
        service?.overrides[name] ?? parameters[name] ?? ""
    }

    /// The words of a list.
    func options(_ name: String, _ service: Service?) -> [String] {
        value(name, service).split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    /// Splits a list at commas and white space outside braces.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var depth = 0
        for character in text {
            if depth == 0, character == "," || character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
                continue
            }
            if character == "{" { depth += 1 }
            if character == "}" { depth = max(0, depth - 1) }
            word.append(character)
        }
        return word.isEmpty ? words : words + [word]
    }

    func milters(_ name: String, _ service: Service?) -> [MilterReference] {
        MilterReference.list(value(name, service))
    }

    /// Whether a service's filter is the one at this address: the service reaches it, or names its path but cannot
    /// reach it because it has another root directory.
    func leads(_ milter: MilterReference, of service: Service?, to endpoint: Endpoint) -> Bool {
        let isChrooted = service?.isChrooted ?? false
        let target = milter.endpoint(queueDirectory: queueDirectory, isChrooted: isChrooted)
        if let target, endpoint.isReached(by: target) { return true }
        guard case .unix(let path) = endpoint, let named = milter.path else { return false }
        return named == path
    }

    /// The form in which Postfix should name the address.
    func name(for endpoint: Endpoint) -> String {
        guard case .unix(let path) = endpoint else { return "\(endpoint)" }
        let queue = realPath(queueDirectory) + "/"
        for path in [path, realPath(path)] where path.hasPrefix(queue) { return "unix:\(path.dropFirst(queue.count))" }
        return path.hasPrefix(queueDirectory + "/")
            ? "unix:\(path.dropFirst(queueDirectory.count + 1))" : "unix:\(path)"
    }

    /// A time in Postfix's notation, in seconds; without a unit it is in seconds.
    static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let last = text.last else { return nil }
        if let unit = units[last] { return Int(text.dropLast()).map { $0 * unit } }
        return Int(text)
    }
}
