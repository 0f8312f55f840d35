import SettingsFile

/// A configuration file that a package installs.
enum ConfigurationFile: CaseIterable {
    case daemon
    case leverctl

    /// The program that the file is of.
    var program: String {
        switch self {
        case .daemon: "lever-milter"
        case .leverctl: "leverctl"
        }
    }

    /// Also the name of its manual page.
    var name: String { "\(program).yaml" }

    var path: String {
        switch self {
        case .daemon: "/etc/lever-milter/\(name)"
        case .leverctl: "/etc/lever/\(name)"
        }
    }

    /// Who reads it, in Markdown.
    var use: String {
        switch self {
        case .daemon: "Of the mail host: `lever-milter` reads it, and leverctl where it is readable."
        case .leverctl: "For every user of leverctl on the machine."
        }
    }

    /// The keys that belong into it, in the order of the manual. leverctl reads the daemon's file too, where it can, so
    /// what `leverctl replay` shares with the daemon is there.
    var keys: [SettingsKey] {
        SettingsKey.all.filter { key in
            switch key.program {
            case .daemon, .daemonAndReplay: self == .daemon
            case .leverctl: self == .leverctl
            case .both: true
            }
        }
    }
}
