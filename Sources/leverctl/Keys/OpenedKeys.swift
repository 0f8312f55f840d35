import Reading

/// The private keys of a command, opened when they are first needed and once: whatever is wrong before that is told
/// without asking for a passphrase. For one thread.
final class OpenedKeys {
    private let open: () throws -> KeyRing
    private var keys: KeyRing?

    init(_ open: @escaping () throws -> KeyRing) { self.open = open }

    func get() throws -> KeyRing {
        if let keys { return keys }
        let opened = try open()
        keys = opened
        return opened
    }
}
