import ArgumentParser
import Core
import Reading
import SettingsFile
import Store

/// The private keys that a reader's command opens messages with.
struct KeyRingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The company's private key; else $LEVER_PRIVATE_KEY, else 'private_key' in the settings. Repeat it during a \
            rotation.
            """, valueName: "file"), completion: .file())
    var privateKey: [String] = []

    @OptionGroup var passphrase: PassphraseOptions

    func keyRing(_ shared: SharedOptions) throws -> KeyRing {
        try passphrase.keyRing(at: shared.privateKeys(privateKey), shared)
    }
}

/// The private keys that a listing opens addresses with. Without one it shows the rest.
struct AddressKeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The private key that opens addresses; else $LEVER_PRIVATE_KEY, else 'private_key' in the settings. Repeat \
            it during a rotation.
            """, valueName: "file"), completion: .file())
    var privateKey: [String] = []

    @Flag(help: "Open nothing, even if the settings name a private key.")
    var sealed = false

    @OptionGroup var passphrase: PassphraseOptions

    func validate() throws {
        guard !sealed || privateKey.isEmpty else { throw ValidationError("Give --private-key or --sealed, not both.") }
    }

    /// The keys, nil if none is named or none is wanted.
    func keyRing(_ shared: SharedOptions) throws -> KeyRing? {
        guard !sealed else { return nil }
        let paths = privateKey.isEmpty ? try shared.loadedSettings().privateKeys : privateKey
        return paths.isEmpty ? nil : try passphrase.keyRing(at: paths, shared)
    }

    /// A function that opens addresses, once the audit has a row of it; nil without a private key.
    func opener(
        for company: CompanyID, _ owner: OwnerSession, reason: String, _ shared: SharedOptions
    ) throws -> ((SealedProfile) throws -> String)? {
        guard let keys = try keyRing(shared) else { return nil }
        try owner.recordOpening(reason: reason, of: company)
        return { try CandidateProfile($0, with: keys).email }
    }
}

extension SharedOptions {
    /// The private keys of an option, else of the settings. Throws if there is none.
    func privateKeys(_ option: [String]) throws -> [String] {
        guard option.isEmpty else { return option }
        let settings = try loadedSettings()
        guard !settings.privateKeys.isEmpty else {
            throw CommandError(
                "this needs the company's private key: give --private-key FILE, or set LEVER_PRIVATE_KEY, or "
                    + "'private_key' in \(settings.ownPath)")
        }
        return settings.privateKeys
    }
}
