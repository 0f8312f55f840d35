/// `passphrase_store`: where leverctl remembers the passphrases of private keys.
public enum PassphraseStoreKind: String, CaseIterable, Sendable {
    /// Nowhere.
    case none
    /// The keyring of the desktop's session, for good.
    case desktop
    /// The user's keyring in the kernel, for a time.
    case keyring
}
