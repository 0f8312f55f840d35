extension Settings {
    /// The files that were read.
    public var paths: [String] { files.filter { $0.state == .read }.map(\.path) }

    /// The file to change: the last that was read, else the last that was looked for.
    public var path: String { paths.last ?? files.last?.path ?? SettingsPlaces.daemonFile }

    /// The file that its user keeps settings of their own in: the one that was named, else the user's.
    public var ownPath: String { files.last?.path ?? SettingsPlaces.daemonFile }

    /// The file that sets a key, else the one to change.
    public func place(of key: String) -> String {
        if case .file(let path, _) = given[key]?.origin { path } else { path }
    }

    /// The value of a key that the calling program cannot do without. Throws if nothing sets it, and says where it was
    /// looked for.
    public func require<Value>(_ key: String, _ value: KeyPath<Settings, Value?>) throws(ConfigurationError) -> Value {
        guard let value = self[keyPath: value] else { throw missing(key) }
        return value
    }

    /// The error that nothing sets a key.
    public func missing(_ key: String) -> ConfigurationError {
        let paths = paths
        guard let last = paths.last else {
            return ConfigurationError(
                "'\(key)' is missing: \(searched); write it into \(ownPath), or name a file with --config"
                    + unreadable)
        }
        let text =
            paths.count == 1
            ? "\(last): '\(key)' is missing; add it"
            : "'\(key)' is missing in \(paths.joined(separator: ", ")); add it to \(last)"
        return ConfigurationError(text + unreadable)
    }

    /// The error that no file was read.
    public func noFile() -> ConfigurationError {
        ConfigurationError("\(searched); name one with --config" + unreadable)
    }

    private var searched: String { "there is no configuration file \(files.map(\.path).joined(separator: ", "))" }

    private var unreadable: String {
        files.compactMap { file -> String? in
            guard case .unreadable(let reason) = file.state else { return nil }
            return "; \(file.path) may have it, but was not read (\(reason)): run this as a user who may read it"
        }.joined()
    }
}
