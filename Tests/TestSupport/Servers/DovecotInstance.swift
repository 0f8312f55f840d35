import Glibc

/// A private Dovecot that only authenticates users for Postfix (SASL): by password, and by access tokens that it checks
/// at an introspection endpoint (RFC 7662). Needs root.
public final class DovecotInstance: Sendable {
    private let directory: TemporaryDirectory
    private let process: ChildProcess

    /// The socket is `socketDirectory`/auth, in a directory that Postfix's processes can reach.
    public init(users: [String: String], introspection: String, socketDirectory: String) throws {
        guard geteuid() == 0 else { throw HarnessError("Dovecot starts as root alone") }
        directory = try TemporaryDirectory("dovecot")
        try directory.makeDirectory("run")
        try directory.write("users", users.map { "\($0):{PLAIN}\($1)\n" }.joined())
        let configuration = DovecotConfiguration(
            directory: directory.path, users: directory.file("users"), introspection: introspection,
            socket: "\(socketDirectory)/auth")
        let isOld = try Command.check(["dovecot", "--version"]).hasPrefix("2.3.")
        try directory.write("oauth2.conf", configuration.oauth2)
        try directory.write("dovecot.conf", isOld ? configuration.text23 : configuration.text24)
        process = try ChildProcess(
            ["dovecot", "-F", "-c", directory.file("dovecot.conf")], output: directory.file("dovecot.out"))
        let (process, directory) = (process, directory)
        try poll("Dovecot to answer", timeout: 30) { () -> Void? in
            guard process.isRunning else {
                let logs = ["dovecot.out", "dovecot.log"].map {
                    String(decoding: (try? contents(of: directory.file($0))) ?? [], as: UTF8.self)
                }
                throw HarnessError("Dovecot ended: \(logs.joined())")
            }
            guard let socket = try? Loopback.connect(path: "\(socketDirectory)/auth") else { return nil }
            close(socket)
            return ()
        }
    }

    public func log() throws -> String {
        String(decoding: try contents(of: directory.file("dovecot.log")), as: UTF8.self)
    }

    public func stop() throws { try process.stop() }
}
