import SettingsFile
import System

/// `leverctl setup mail-host`: writes the daemon's settings and credentials on this machine, and says what remains:
/// start it, and attach it to Postfix.
public struct MailHostSetup {
    private let access: DatabaseAccess
    private let host: String
    /// The text of the signing key; nil if there is none yet.
    private let signingKey: String?
    private let files: WrittenFiles
    private var console: any Console { files.console }

    static let settings = "/etc/lever-milter/lever-milter.yaml"
    static let authority = "/etc/lever-milter/db-ca.crt"
    static let passfile = "/etc/credstore/lever-milter.pgpass"
    static let signingKey = "/etc/credstore/lever-milter.signing-key"

    public init(_ access: DatabaseAccess, host: String, signingKey: String?, files: WrittenFiles) {
        (self.access, self.host, self.signingKey, self.files) = (access, host, signingKey, files)
    }

    public func write() throws {
        guard let before = try files.machine.text(of: Self.settings) else {
            throw SetupError("\(Self.settings) is missing; install the package lever-milter")
        }
        let line = try access.passfileLine()
        var values = [
            // The daemon finds its password by itself: the credential lever-milter.pgpass.
            ("database", access.conninfo(authority: access.authority == nil ? nil : Self.authority, passfile: nil)),
            ("host_name", host),
        ]
        if signingKey != nil { values.append(("signing_key", "credential:lever-milter.signing-key")) }
        var text = SettingsText(before)
        if !files.force, let set = values.first(where: { text.has($0.0) }) {
            throw SetupError(
                "\(Self.settings) sets '\(set.0)' already; look at it, and give --force to replace it (a copy is kept)")
        }
        for (key, value) in values { text.set(key, value) }
        var secrets = [
            NewFile(Self.passfile, mode: 0o600, text: line, contents: "the password of \(access.login.name)")
        ]
        if let signingKey {
            secrets.append(
                NewFile(Self.signingKey, mode: 0o600, text: signingKey, contents: "the key that this host signs with"))
        }
        let authority = access.authority.map {
            NewFile(Self.authority, mode: 0o644, text: $0, contents: "the certificate of the database's authority")
        }
        try files.refuse(existing: (secrets + [authority].compactMap(\.self)).map(\.path))

        for secret in secrets { try files.write(secret, directoryMode: 0o700) }
        if let authority { try files.write(authority) }
        try files.change(Self.settings, to: text.text, lines: values.map { "\($0): \(yamlScalar($1))" })
        sayNextSteps()
    }

    private func sayNextSteps() {
        var steps: [String] = []
        if signingKey == nil {
            steps.append(
                "on the administrator's machine: leverctl host add \(shellWord(host)) --signing-key "
                    + "\(shellWord(host)).key; "
                    + "then here: leverctl setup mail-host … --signing-key \(shellWord(host)).key --force")
        }
        steps += [
            "lever-milter --config \(Self.settings) --check",
            "systemctl enable --now lever-milter.socket lever-milter.service",
            "leverctl check --only configuration --only daemon --only database",
        ]
        let current = PostfixParameters(machine: files.machine).all
        let lines = PostfixAttachment(current: current).lines
        if !lines.isEmpty {
            steps.append(String(PostfixAttachment.command(lines).typed.dropFirst(2)))
            steps += ["postfix check", "postfix reload"]
        }
        steps.append("leverctl check")
        console.say("\nNext, as root on this machine:\n  " + steps.joined(separator: "\n  "))
        if signingKey != nil { console.say("Remove the copy of the signing key that you brought here.") }
        if current.isEmpty { console.say("There is no Postfix here yet; the postconf line is right for a new one.") }
    }
}
