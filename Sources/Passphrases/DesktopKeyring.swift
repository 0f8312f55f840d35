import Glibc
import System

/// The keyring of the desktop's session, as the Secret Service that GNOME Keyring, KWallet and KeePassXC offer. Spoken to
/// by secret-tool(1), of Debian's libsecret-tools. It remembers for good; the desktop asks before it opens a locked one.
public struct DesktopKeyring: PassphraseStore {
    private let program: String
    /// Seconds.
    private let timeout: Double

    /// Two minutes: somebody may have to unlock the keyring first. For tests, another program.
    public init() { self.init(program: "secret-tool", timeout: 120) }

    init(program: String, timeout: Double) {
        self.program = program
        self.timeout = timeout
    }

    public func passphrase(of file: String) throws(PassphraseStoreError) -> [UInt8]? {
        let call = try run(["lookup"] + Self.attributes(of: file))
        if call.status == 0 { return call.output }
        guard call.errors.isEmpty else { throw Self.error(call) }
        return nil
    }

    public func remember(_ passphrase: [UInt8], of file: String, label: String) throws(PassphraseStoreError) {
        guard passphrase.count <= ProgramRun.inputLimit else {
            throw PassphraseStoreError(description: "the passphrase is too long to be remembered")
        }
        let call = try run(["store", "--label", label] + Self.attributes(of: file), input: passphrase)
        guard call.status == 0 else { throw Self.error(call) }
    }

    public func forget(_ file: String) throws(PassphraseStoreError) -> Bool {
        let call = try run(["clear"] + Self.attributes(of: file))
        guard call.status == 0 || call.errors.isEmpty else { throw Self.error(call) }
        return call.status == 0
    }

    private static func attributes(of file: String) -> [String] { ["application", "leverctl", "key-file", file] }

    private func run(_ arguments: [String], input: [UInt8] = []) throws(PassphraseStoreError) -> ProgramRun.Outcome {
        do throws(SystemError) {
            return try ProgramRun([program] + arguments, input: input).collect(errorsApart: true, timeout: timeout)
        } catch {
            let advice =
                switch error.code {
                case ENOENT: "secret-tool is not installed: apt-get install libsecret-tools"
                case ETIMEDOUT: "it did not answer within \(Int(timeout)) s; is there a prompt to unlock it?"
                default: "\(error)"
                }
            throw PassphraseStoreError(description: "the desktop's keyring: \(advice)")
        }
    }

    private static func error(_ call: ProgramRun.Outcome) -> PassphraseStoreError {
        let line = String(decoding: call.errors.prefix { $0 != UInt8(ascii: "\n") }.prefix(200), as: UTF8.self)
        return PassphraseStoreError(
            description: "the desktop's keyring does not answer (\(line.isEmpty ? "no reason given" : line)): it needs a "
                + "desktop session; elsewhere set 'passphrase_store' to keyring or none")
    }
}
