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
        try directory.write(
            "oauth2.conf",
            """
            introspection_mode = post
            introspection_url = \(introspection)
            username_attribute = username
            active_attribute = active
            active_value = true

            """)
        try directory.write(
            "dovecot.conf",
            """
            base_dir = \(directory.file("run"))
            log_path = \(directory.file("dovecot.log"))
            protocols =
            listen = 127.0.0.1
            ssl = no
            disable_plaintext_auth = no
            auth_mechanisms = plain login xoauth2 oauthbearer
            passdb {
              driver = oauth2
              mechanisms = xoauth2 oauthbearer
              args = \(directory.file("oauth2.conf"))
            }
            passdb {
              driver = passwd-file
              mechanisms = plain login
              args = scheme=PLAIN username_format=%u \(directory.file("users"))
            }
            userdb {
              driver = static
              args = uid=nobody gid=nogroup home=/nonexistent
            }
            service auth {
              unix_listener \(socketDirectory)/auth {
                mode = 0666
              }
            }
            service stats {
              unix_listener stats-reader {
                mode = 0600
              }
            }

            """)
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
