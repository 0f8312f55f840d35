// Passphrases: where the passphrase of a private key's file is remembered, and whether a new one withstands guessing. Of
// the key itself it knows nothing. Only leverctl links it. May use System and CLinux.

/// A place that remembers passphrases: an agent of the desktop, or the kernel.
///
/// `file` is the key file's digest: a file that was replaced, or encrypted with another passphrase, is another file, and a
/// passphrase is not offered to whatever stands at the same path.
public protocol PassphraseStore {
    /// Nil if none is remembered.
    func passphrase(of file: String) throws(PassphraseStoreError) -> [UInt8]?
    /// In place of the one before. `label` is for people who look into the store.
    func remember(_ passphrase: [UInt8], of file: String, label: String) throws(PassphraseStoreError)
    /// False if none was remembered.
    func forget(_ file: String) throws(PassphraseStoreError) -> Bool
}

/// Why a store could not be used, in one line that says what to do. Never holds a passphrase.
public struct PassphraseStoreError: Error, CustomStringConvertible, Sendable {
    public let description: String
}
