import Passphrases
import Sealing
import SettingsFile

/// Where leverctl remembers passphrases, as `passphrase_store` says.
struct PassphraseMemory {
    let kind: PassphraseStoreKind
    private let store: any PassphraseStore
    /// Seconds; nil if for good.
    let lifetime: Int?

    /// Nil if nothing is to be remembered. `kind` counts before the settings.
    init?(_ settings: Settings, _ kind: PassphraseStoreKind? = nil) {
        self.kind = kind ?? settings.passphraseStore
        switch self.kind {
        case .none: return nil
        case .desktop: (store, lifetime) = (DesktopKeyring(), nil)
        case .keyring:
            (store, lifetime) = (KernelKeyring(lifetime: settings.passphraseTimeout), settings.passphraseTimeout)
        }
    }

    /// A passphrase that is typed goes into the kernel's keyring, which forgets it, but into the desktop's only on request.
    var remembersTyped: Bool { kind == .keyring }

    /// The passphrase of a key file with this content, nil if there is none.
    func passphrase(of pem: [UInt8]) throws -> [UInt8]? { try store.passphrase(of: Self.name(of: pem)) }

    func remember(_ passphrase: [UInt8], of pem: [UInt8], _ key: String) throws {
        try store.remember(passphrase, of: Self.name(of: pem), label: "leverctl: passphrase of private key \(key)")
    }

    /// False if it was not remembered.
    func forget(_ pem: [UInt8]) throws -> Bool { try store.forget(Self.name(of: pem)) }

    private static func name(of pem: [UInt8]) throws -> String { try SHA256.digest(of: pem).hex }
}
