public import ArgumentParser
public import SettingsFile

// Typed as it is in the settings.
extension PassphraseStoreKind: ExpressibleByArgument {}
