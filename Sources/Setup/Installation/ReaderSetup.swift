import Store

/// `leverctl setup reader`: writes a person's settings of leverctl: the login, its password, the authority; and tries
/// the login.
public struct ReaderSetup {
    private let access: DatabaseAccess
    /// The user whose settings these are.
    private let account: Account
    /// `~/.config/lever`
    private let directory: String
    /// Further keys of the settings with their values: `company`, `private_key`.
    private let further: [(key: String, value: String)]
    private let files: WrittenFiles

    public init(
        _ access: DatabaseAccess, account: Account, directory: String, further: [(key: String, value: String)],
        files: WrittenFiles
    ) {
        (self.access, self.account, self.directory) = (access, account, directory)
        (self.further, self.files) = (further, files)
    }

    private var settings: String { "\(directory)/leverctl.yaml" }

    /// Throws if the login does not work in the end; the files are there then, and right if the rest is.
    public func write() throws {
        let passfile = "\(directory)/\(access.login.name).pgpass"
        let authority = "\(directory)/db-ca.crt"
        let conninfo = access.conninfo(authority: access.authority == nil ? nil : authority, passfile: passfile)
        var text = SettingsText(try files.machine.text(of: settings) ?? "")
        let values = [(access.login.role.key, conninfo)] + further
        if !files.force, let set = values.first(where: { text.has($0.0) }) {
            throw SetupError(
                "\(settings) sets '\(set.0)' already; look at it, and give --force to replace it (a copy is kept)")
        }
        for (key, value) in values { text.set(key, value) }
        let line = try access.passfileLine()
        try files.refuse(existing: [passfile])
        try write(passfile, line, "the password of \(access.login.name)")
        if let certificate = access.authority, try files.machine.text(of: authority) != certificate {
            try files.refuse(existing: [authority])
            try write(authority, certificate, "the certificate of the database's authority")
        }
        if files.machine.exists(settings) {
            try files.change(settings, to: text.text, lines: values.map { "\($0): \(yamlScalar($1))" })
        } else {
            let shown = text.text.split(separator: "\n").joined(separator: "\n    ")
            try write(settings, text.text, "\n    " + shown)
        }
        try tryLogin(conninfo)
        sayNextSteps()
    }

    private func write(_ path: String, _ text: String, _ contents: String) throws {
        try files.write(
            NewFile(path, mode: 0o600, owner: account, text: text, contents: contents), directoryMode: 0o700)
    }

    private func tryLogin(_ conninfo: String) throws {
        do {
            let login = try DatabaseInspection(conninfo).login()
            files.console.say("\(access.server) takes the login \(login.name).")
        } catch {
            throw SetupError(
                "the settings are written, but \(access.server) does not take the login \(access.login.name): "
                    + "\(error). "
                    + "PostgreSQL, pg_hba.conf, the firewall, the password file")
        }
    }

    private func sayNextSteps() {
        let steps =
            access.login.role == .administrator
            ? ["leverctl init-db", "leverctl company add NAME --domain DOMAIN --provider google --sync limited"]
            : [
                "on the administrator's machine, if that is not done: leverctl user add \(access.login.name) "
                    + "--company NAME "
                    + "--role team-member --email ADDRESS",
                "leverctl candidate list", "leverctl timeline --candidate ID",
            ]
        files.console.say("\nNext:\n  " + steps.joined(separator: "\n  "))
    }
}
