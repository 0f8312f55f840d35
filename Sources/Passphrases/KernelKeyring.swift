import CLinux
import Glibc

/// The kernel's keyring of the user (keyrings(7)): a passphrase is in the kernel's memory, is never swapped out, and is
/// gone after a time and with the machine's next start. Every process of the user can ask for it, other users' cannot.
///
/// The user's keyring and not the session's: a process that has no session of its own, as after su(1) or in a container,
/// would get a new one with every call, and lose it at its end.
public struct KernelKeyring: PassphraseStore {
    /// Seconds that a passphrase is remembered.
    private let lifetime: Int

    public init(lifetime: Int) {
        self.lifetime = lifetime
    }

    /// Bits of the possessor alone: view, read, write, search and set attributes (keyctl_setperm(3)).
    private static let permissions: UInt32 = 0x2f00_0000

    public func passphrase(of file: String) throws(PassphraseStoreError) -> [UInt8]? {
        guard let key = try find(file) else { return nil }
        let length = CLinux_keyring_read(key, nil, 0)
        guard length >= 0 else { throw Self.error(errno) }
        var bytes = [UInt8](repeating: 0, count: length)
        guard CLinux_keyring_read(key, &bytes, UInt(length)) == length else { throw Self.error(errno) }
        return bytes
    }

    public func remember(_ passphrase: [UInt8], of file: String, label: String) throws(PassphraseStoreError) {
        try possess()
        let key = CLinux_keyring_add(Self.name(of: file), passphrase, UInt(passphrase.count))
        guard key >= 0 else { throw Self.error(errno) }
        guard CLinux_keyring_restrict(key, UInt32(lifetime), Self.permissions) == 0 else {
            let reason = errno
            _ = CLinux_keyring_remove(key)
            throw Self.error(reason)
        }
    }

    public func forget(_ file: String) throws(PassphraseStoreError) -> Bool {
        guard let key = try find(file) else { return false }
        guard CLinux_keyring_remove(key) == 0 else { throw Self.error(errno) }
        return true
    }

    private func find(_ file: String) throws(PassphraseStoreError) -> Int32? {
        try possess()
        let key = CLinux_keyring_find(Self.name(of: file))
        if key >= 0 { return key }
        guard [ENOKEY, EKEYEXPIRED, EKEYREVOKED].contains(errno) else { throw Self.error(errno) }
        return nil
    }

    /// A process has what is in the user's keyring only if its session leads there, which it need not.
    private func possess() throws(PassphraseStoreError) {
        guard CLinux_keyring_possess() == 0 else { throw Self.error(errno) }
    }

    private static func name(of file: String) -> String { "leverctl:\(file)" }

    static func error(_ code: Int32) -> PassphraseStoreError {
        let reason = String(cString: strerror(code))
        return switch code {
        case EPERM, EACCES, ENOSYS:
            PassphraseStoreError(
                description: "the kernel's keyring cannot be used here (\(reason)): containers often forbid it; set "
                    + "'passphrase_store' to none or desktop")
        case EDQUOT:
            PassphraseStoreError(
                description: "the kernel's keyring is full (\(reason)): see /proc/key-users; leverctl key forget")
        default:
            PassphraseStoreError(description: "the kernel's keyring: \(reason)")
        }
    }
}
