import Glibc

/// The files that leverctl looks for settings in: one that is named, or those of the machine and of the user, in the
/// order in which they are read. A later one's key wins.
public struct SettingsPlaces: Sendable {
    public let files: [SettingsFile]
    /// Variables of the environment that stand for a key.
    let variables: [String: String]

    /// `named` is the file of `--config`. The variable LEVER_CONFIG names one too.
    public init(named: String?, environment: (String) -> String? = Self.variable) {
        if let path = named ?? environment("LEVER_CONFIG") {
            files = [SettingsFile(path, .named)]
        } else {
            let user = Self.userDirectory(environment).map { SettingsFile("\($0)/lever/leverctl.yaml", .user) }
            files =
                [SettingsFile(Self.daemonFile, .daemon), SettingsFile("/etc/lever/leverctl.yaml", .machine)]
                + [user].compactMap(\.self)
        }
        let names = SettingsKey.all.compactMap { $0.variable?.name }
        variables = Dictionary(uniqueKeysWithValues: names.compactMap { name in environment(name).map { (name, $0) } })
    }

    /// For tests.
    init(_ files: [SettingsFile], variables: [String: String] = [:]) {
        self.files = files
        self.variables = variables
    }

    public static let daemonFile = "/etc/lever-milter/lever-milter.yaml"

    /// A variable of the environment; an empty one counts as not set.
    public static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return String(cString: value)
    }

    /// XDG Base Directory Specification: an absolute $XDG_CONFIG_HOME, else ~/.config.
    private static func userDirectory(_ environment: (String) -> String?) -> String? {
        if let directory = environment("XDG_CONFIG_HOME"), directory.hasPrefix("/") { return directory }
        return homeDirectory(environment).map { "\($0)/.config" }
    }
}

/// $HOME, else the user's directory in the system's user database.
func homeDirectory(_ environment: (String) -> String? = SettingsPlaces.variable) -> String? {
    if let home = environment("HOME") { return home }
    // Not thread-safe; settings are read by one thread.
    return getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) }
}
