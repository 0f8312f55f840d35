import Glibc

/// Reads the configuration from postconf(1), and tables from postmap(1).
extension PostfixSetup {
    /// Seconds for each command.
    private static let limit = 5

    private static let names = [
        "mail_version", "compatibility_level", "queue_directory", "mail_owner", "smtpd_milters", "non_smtpd_milters",
        "milter_default_action", "milter_protocol", "milter_connect_timeout", "milter_command_timeout",
        "milter_content_timeout", "smtpd_forbid_bare_newline", "message_size_limit", "receive_override_options",
        "smtpd_milter_maps", "content_filter", "smtpd_proxy_filter", "smtpd_sasl_auth_enable", "header_checks",
        "cleanup_service_name", "recipient_delimiter", ownName,
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
            // -o lets postconf(1) expand as the service itself does: its settings count in main.cf's $name, too.
            let written = byService(pairs(try ToolOutput.of(command + ["-P"], seconds: limit)))
            var values: [String: [String: String]] = [:]
            for (service, own) in written {
                let options = own.sorted { $0.key < $1.key }.flatMap { ["-o", "\($0.key)=\($0.value)"] }
                values[service] = pairs(try ToolOutput.of(command + ["-x"] + options + names, seconds: limit))
            }
            let postmap = [program.replacing("postconf", with: "postmap")] + command.dropFirst()
            return .found(
                PostfixSetup(parameters: parameters, master: master, overrides: overrides, values: values) {
                    table, key in
                    try? ToolOutput.of(postmap + ["-q", key, table], seconds: limit)
                } list: { table in
                    if let value = table.constant { return [RewritingTable.Entry(key: "", value: value)] }
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
}
