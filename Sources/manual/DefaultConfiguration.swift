import SettingsFile

/// The file that a new installation starts with: every key with its description, commented out with its default or an
/// example. Only what the package's units need is set.
struct DefaultConfiguration {
    let file: ConfigurationFile

    private var introduction: String {
        switch file {
        case .daemon:
            """
            # Configuration of lever-milter: lever-milter.yaml(5).
            #
            # Keys with a '#' in front are not set; they show their default, or an example. lever-milter cannot start
            # before 'database' is set.
            """
        case .leverctl:
            """
            # Configuration of leverctl for everybody on this machine: leverctl.yaml(5).
            #
            # Keys with a '#' in front are not set; they show their default, or an example. Everybody can read this
            # file: passwords belong in ~/.pgpass. On a mail host leverctl reads lever-milter's file as well.
            """
        }
    }

    /// As the package's units need them.
    private var given: [String: String] {
        switch file {
        case .daemon: ["socket": "fd:3", "spool": "/var/spool/lever-milter"]
        case .leverctl: [:]
        }
    }

    var text: String {
        var text = introduction + "\n"
        for key in file.keys {
            text += "\n"
            let programs = key.program == .both ? "" : "\(key.program): "
            for line in Self.wrapped(Self.plain(programs + key.help)) { text += "# \(line)\n" }
            if let value = given[key.name] {
                text += "\(key.name): \(value)\n"
            } else {
                text += "#\(key.name): \(key.example)\n"
            }
        }
        return text
    }

    private static func plain(_ markdown: String) -> String { markdown.replacing("`", with: "") }

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
