import CLinux
import Glibc
import Testing

@testable import Passphrases

/// With this machine's kernel, in the keyring of the user who runs the tests.
@Suite struct KernelKeyringTests {
    private let file = "test-\(UInt64.random(in: 0...UInt64.max))"
    private let keyring = KernelKeyring(lifetime: 600)

    @Test func `a passphrase is remembered, replaced and forgotten`() throws {
        #expect(try keyring.passphrase(of: file) == nil)
        #expect(try !keyring.forget(file))
        try keyring.remember(Array("sofa nickel".utf8), of: file, label: "")
        #expect(try keyring.passphrase(of: file) == Array("sofa nickel".utf8))
        #expect(try keyring.passphrase(of: file + "0") == nil)
        try keyring.remember(Array("tundra".utf8), of: file, label: "")
        #expect(try keyring.passphrase(of: file) == Array("tundra".utf8))
        #expect(try keyring.forget(file))
        #expect(try keyring.passphrase(of: file) == nil)
    }

    /// As after su(1), or in a container: nothing leads from the session to the user's keyring.
    @Test func `a process in another session of the user finds it`() throws {
        try keyring.remember(Array("sofa nickel".utf8), of: file, label: "")
        defer { _ = try? keyring.forget(file) }
        // The session is the thread's, and this test may not end on the thread that it began on if it awaits.
        try #require(CLinux_keyring_leave_session() >= 0)
        #expect(try keyring.passphrase(of: file) == Array("sofa nickel".utf8))
    }

    @Test func `only its possessor may read it, and it ends with its time`() throws {
        try keyring.remember(Array("sofa nickel".utf8), of: file, label: "")
        defer { _ = try? keyring.forget(file) }
        let keys = try String(decoding: contents("/proc/keys"), as: UTF8.self)
        let line = try #require(keys.split(separator: "\n").first { $0.contains("leverctl:\(file)") })
        let fields = line.split(separator: " ")
        #expect(fields[4] == "2f000000")
        #expect(fields[3].hasSuffix("m"), "minutes that are left: \(fields[3])")
    }

    @Test func `what the kernel refuses is told with what to do`() throws {
        #expect("\(KernelKeyring.error(EPERM))".contains("containers often forbid it; set 'passphrase_store'"))
        #expect("\(KernelKeyring.error(ENOSYS))".contains("cannot be used here"))
        #expect("\(KernelKeyring.error(EDQUOT))".contains("/proc/key-users"))
        // More than the kernel takes.
        let error = #expect(throws: PassphraseStoreError.self) {
            try keyring.remember([UInt8](repeating: 1, count: 40_000), of: file, label: "")
        }
        #expect(error?.description.hasPrefix("the kernel's keyring") == true)
        #expect(try keyring.passphrase(of: file) == nil)
    }

    private func contents(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer.prefix(count) }
        return bytes
    }
}
