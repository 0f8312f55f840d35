/// Postfix's configuration on this host, from postconf(1).
struct PostfixSetup: Sendable {
    /// A line of master.cf.
    struct Service: Hashable, Sendable {
        /// In postconf's form: `smtp/inet`.
        let name: String
        /// The program.
        let command: String
        let isChrooted: Bool
        /// The `-o` settings, expanded.
        let overrides: [String: String]
        /// What is in effect there: the `-o` settings, and main.cf's with those in the place of `$name`.
        let values: [String: String]
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

    /// The parameter that the manual defines for this filter and its settings.
    static let ownName = "lever_milter"

    /// The settings of each service, of lines `service/type/name = value`.
    static func byService(_ overrides: [String: String]) -> [String: [String: String]] {
        var services: [String: [String: String]] = [:]
        for (key, value) in overrides {
            guard let slash = key.lastIndex(of: "/") else { continue }
            services[String(key[..<slash]), default: [:]][String(key[key.index(after: slash)...])] = value
        }
        return services
    }

    /// `values` are those in effect at services; without them, main.cf's and the service's own.
    init(
        parameters: [String: String], master: String, overrides: [String: String],
        values: [String: [String: String]] = [:],
        lookUp: @escaping @Sendable (_ table: String, _ key: String) -> String? = { _, _ in nil },
        list: @escaping @Sendable (RewritingTable) -> [RewritingTable.Entry]? = { _ in nil }
    ) {
        self.parameters = parameters
        self.lookUp = lookUp
        self.list = list
        let level = Double(parameters["compatibility_level"] ?? "") ?? 0
        let own = Self.byService(overrides)
        services = master.split(separator: "\n").compactMap { line in
            // service type private unpriv chroot wakeup maxproc command + args
            let fields = line.split { $0 == " " || $0 == "\t" }
            guard fields.count >= 8 else { return nil }
            let name = "\(fields[0])/\(fields[1])"
            let overrides = own[name] ?? [:]
            return Service(
                name: name, command: String(fields[7]),
                // `-` is the default, which Postfix 3 changed.
                isChrooted: fields[4] == "y" || (fields[4] == "-" && level < 1),
                overrides: overrides, values: values[name] ?? parameters.merging(overrides) { $1 })
        }
    }

    var queueDirectory: String { parameters["queue_directory"] ?? "/var/spool/postfix" }
    var mailOwner: String { parameters["mail_owner"] ?? "postfix" }

    func services(running command: String) -> [Service] { services.filter { $0.command == command } }

    /// The value in effect for a service.
    func value(_ name: String, _ service: Service? = nil) -> String {
        (service?.values ?? parameters)[name] ?? ""
    }

    /// Whether a service has another value than main.cf gives, by its own setting or by one that main.cf refers to.
    func isOwn(_ name: String, _ service: Service) -> Bool {
        service.overrides[name] != nil || service.values[name] != parameters[name]
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
