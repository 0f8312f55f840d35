import Store

/// `leverctl setup database`: writes the files of a `DatabaseInstallation` into a directory, and says what to do with
/// each, where and as whom.
public struct DatabaseSetup {
    private let installation: DatabaseInstallation
    private let directory: String
    private let files: WrittenFiles
    private var console: any Console { files.console }

    public init(_ installation: DatabaseInstallation, directory: String, files: WrittenFiles) {
        (self.installation, self.directory, self.files) = (installation, directory, files)
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }
    private var certificate: CertificateCommands { CertificateCommands(host: installation.host, directory: directory) }

    /// With `certificate` openssl is run; otherwise its commands are shown.
    public func write(certificate makesCertificate: Bool) throws {
        let passfiles = installation.logins.map { path("\($0.name).pgpass") }
        let names = ["database.sql", "logins.sql", "postgresql.conf", "pg_hba.conf"].map(path)
        try files.refuse(
            existing: names + passfiles + (makesCertificate ? [certificate.key, certificate.authority] : []))

        var verifiers: [String: String] = [:]
        for login in installation.logins {
            let password = LoginPassword.generate()
            verifiers[login.name] = try LoginPassword.verifier(of: password)
            try write(
                "\(login.name).pgpass", installation.passfileLine(login, password),
                "the password of \(login.name), for its machine alone")
        }
        try write(
            "database.sql", installation.databaseSQL(verifier: verifiers[installation.logins[0].name]!),
            "the database and its administrator's login; for the server's superuser")
        try write(
            "logins.sql", installation.loginsSQL(verifiers: verifiers),
            "the other logins; for the administrator, after init-db")
        try write(
            "postgresql.conf", installation.serverSettings, "settings of the server: TLS, and where it listens", 0o644)
        try write("pg_hba.conf", installation.accessLines, "lines that let these logins in, by TLS alone", 0o644)
        try makeCertificate(makesCertificate)
        sayNextSteps()
    }

    private func write(_ name: String, _ text: String, _ contents: String, _ mode: UInt32 = 0o600) throws {
        try files.write(NewFile(path(name), mode: mode, text: text, contents: contents), directoryMode: 0o700)
    }

    private func makeCertificate(_ isRun: Bool) throws {
        console.say(
            isRun
                ? "\nAn authority of your own, and the server's certificate:"
                : "\nIf the server has no certificate for \(installation.host) yet, these make one "
                    + "(--certificate runs them):"
        )
        let run = SetupRun(machine: files.machine, console: console)
        for command in certificate.commands {
            if isRun { try run.carryOut(.run(command)) } else { console.say(command.typed) }
        }
    }

    private func sayNextSteps() {
        let conf = "/etc/postgresql/VERSION/main"
        let administrator = installation.logins[0].name
        let hosts = installation.logins.filter { $0.role == .mailHost }.map(\.name)
        let people = installation.logins.filter { ![.mailHost, .administrator].contains($0.role) }.map(\.name)
        console.say(
            """

            Next, on \(installation.host), as root, in a copy of \(directory) (VERSION is the server's: pg_lsclusters):
              install -d -m 755 \(DatabaseInstallation.certificates)
              install -m 644 server.crt \(DatabaseInstallation.certificates)/
              install -m 640 -g postgres server.key \(DatabaseInstallation.certificates)/
              install -m 644 postgresql.conf \(conf)/conf.d/lever.conf
              put the lines of pg_hba.conf into \(conf)/pg_hba.conf, \(place)
              runuser -u postgres -- psql --set=ON_ERROR_STOP=1 postgres <database.sql
              systemctl restart postgresql
            Then on the administrator's machine, with \(administrator).pgpass, logins.sql and db-ca.crt:
              leverctl setup reader --role administrator --server \(installation.host)\(options) \\
                  --login \(administrator) --passfile \(administrator).pgpass --ca-file db-ca.crt
              leverctl init-db
              PGPASSFILE=\(administrator).pgpass psql --set=ON_ERROR_STOP=1 --file=logins.sql \\
                  '\(installation.conninfo(installation.logins[0], authority: "db-ca.crt", passfile: nil))'
            """)
        for host in hosts {
            console.say(
                """
                On the mail host \(host), with \(host).pgpass and db-ca.crt:
                  leverctl setup mail-host --server \(installation.host)\(options) --login \(host) \\
                      --passfile \(host).pgpass --ca-file db-ca.crt
                """)
        }
        for person in people {
            console.say(
                """
                On the machine of \(person), with \(person).pgpass and db-ca.crt:
                  leverctl setup reader --server \(installation.host)\(options) --login \(person) \\
                      --passfile \(person).pgpass --ca-file db-ca.crt
                """)
        }
        console.say(
            "Each password file belongs to its machine alone: remove the others' copies. Then back up the database.")
    }

    /// Options of the further commands, where they are not the usual.
    private var options: String {
        (installation.port == 5432 ? "" : " --port \(installation.port)")
            + (installation.database == "lever" ? "" : " --database \(installation.database)")
    }

    /// Where the lines go: told exactly if this is the server.
    private var place: String {
        let usual = "before the first line that begins with 'host'; lines that begin with 'local' stay first"
        guard let file = PostgresServer(machine: files.machine).rows("SHOW hba_file")?.first,
            let text = try? files.machine.text(of: file)
        else { return usual }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let index = lines.firstIndex(where: { $0.hasPrefix("host") }) else { return "at its end (here: \(file))" }
        return "\(usual);\n  here that is line \(index + 1) of \(file): \(lines[index])"
    }
}
