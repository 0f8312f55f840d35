import SettingsFile

extension SharedOptions {
    /// The settings that `leverctl check` judges. On a mail host they are the daemon's alone: what a user of the machine
    /// has set for leverctl is no matter of the daemon's. Throws if there is no file at all.
    func checkedSettings() throws(ConfigurationError) -> Settings {
        let places = SettingsPlaces(named: config)
        if let daemon = places.files.first(where: { $0.kind == .daemon }), daemon.mayExist {
            return try Settings.load(path: daemon.path)
        }
        let settings = try Settings(places)
        guard !settings.paths.isEmpty else { throw settings.noFile() }
        return settings
    }
}
