import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// What leverctl takes if no option says otherwise: from the machine's files, the user's, and the database.
    @Suite
    struct Defaults {
        private struct Settings: Decodable {
            struct File: Decodable {
                let path: String
                let state: String
            }

            struct Setting: Decodable {
                let key: String
                let values: [String]
                let from: String
            }

            let files: [File]
            let settings: [Setting]

            func from(_ key: String) -> String? { settings.first { $0.key == key }?.from }
        }

        private let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory("defaults")
        }

        @Test func `a user's settings are those of /etc and of their home; a daemon's file that is closed is passed over`()
            throws
        {
            try write("etc/lever-milter", "lever-milter.yaml", "spool: /daemon\nhost_name: mx1\n", mode: 0o640)
            try write("etc/lever", "leverctl.yaml", "company: Acme\nfrom: rita\n")
            let user = try write("home/lever", "leverctl.yaml", "company: Beta\n")
            try #require(chown(user, 65_534, 65_534) == 0)

            let command = try leverctl(asNobody: true, "settings", "--json")
            #expect(command.status == 0, "\(command.errors)")
            let shown: Settings = try LeverCtl.decode(command.output)
            #expect(shown.files.map(\.state) == ["unreadable", "read", "read"])
            #expect(shown.files.map(\.path).prefix(2) == ["/etc/lever-milter/lever-milter.yaml", "/etc/lever/leverctl.yaml"])
            #expect(shown.from("company") == "\(user):1" && shown.from("from") == "/etc/lever/leverctl.yaml:2")
            #expect(shown.from("spool") == nil && shown.from("marker_domains") == "default")

            let missing = try leverctl(asNobody: true, "company", "list")
            #expect(missing.status == 1)
            #expect(missing.errors.contains("'admin_database' is missing in /etc/lever/leverctl.yaml, \(user); add it to"))
            #expect(missing.errors.contains("/etc/lever-milter/lever-milter.yaml may have it, but was not read (Perm"))

            // Root may read the daemon's file, but not be told by a user which database to use.
            let refused = try leverctl(asNobody: false, "settings")
            #expect(refused.status == 1 && refused.errors.contains("\(user): belongs to user 65534"))
            unlink(user)
            let root: Settings = try LeverCtl.decode(leverctl(asNobody: false, "settings", "--json").output)
            #expect(root.files.map(\.state) == ["read", "read", "missing"])
            #expect(root.from("spool") == "/etc/lever-milter/lever-milter.yaml:1")
        }

        @Test func `check judges the daemon's file alone`() throws {
            try write("etc/lever-milter", "lever-milter.yaml", "spool: /daemon\nsocket: fd:3\ndatabase: host=/none\n")
            try write("home/lever", "leverctl.yaml", "admin_database: host=/none\n")
            let command = try leverctl(asNobody: false, "check", "--verbose", "--only", "configuration", "--only", "database")
            #expect(command.text.contains("/etc/lever-milter/lever-milter.yaml"))
            #expect(!command.text.contains("leverctl.yaml"))
            #expect(command.text.contains("no administrator's login on this mail host"))
        }

        @Test func `a reader of one company names neither the company nor the key`() throws {
            let host = try MailHost.shared.get()
            let acme = host.acme
            try write(
                "home/lever", "leverctl.yaml",
                """
                reader_database: \(host.postgres.connectionString(database: MailHost.database, user: "super_acme"))
                private_key: \(acme.privateKey)
                """)
            let passphrase = ["LEVER_PASSPHRASE": MailHost.passphrase]
            let timeline = try leverctl(
                asNobody: false, "timeline", "--candidate", "\(acme.candidate)", "--json", variables: passphrase)
            #expect(timeline.status == 0, "\(timeline.errors)")
            // An administrator sees several.
            let admin = LeverCtl(configuration: host.configuration)
            let several = try admin.run("key", "list")
            #expect(several.status == 1 && several.errors.contains("there are several companies: "))
            let one = try leverctl(
                asNobody: false, "key", "list", "--json", "--config", host.configuration,
                variables: ["LEVER_COMPANY": acme.name])
            #expect(one.status == 0, "\(one.errors)")
        }

        // MARK: A machine of its own

        @discardableResult
        private func write(_ place: String, _ name: String, _ text: String, mode: UInt32 = 0o644) throws -> String {
            try FileManager.default.createDirectory(
                atPath: directory.file(place), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
            return try directory.write("\(place)/\(name)", text, mode: mode)
        }

        /// Runs leverctl where /etc/lever and /etc/lever-milter are those of the test, as root or another user.
        private func leverctl(
            asNobody: Bool, _ arguments: String..., variables: [String: String] = [:]
        ) throws -> Command {
            for name in ["lever", "lever-milter"] {
                try FileManager.default.createDirectory(
                    atPath: directory.file("etc/\(name)"), withIntermediateDirectories: true)
            }
            for name in ["passwd", "group", "nsswitch.conf", "hosts"]
            where !FileManager.default.fileExists(atPath: directory.file("etc/\(name)")) {
                try FileManager.default.copyItem(atPath: "/etc/\(name)", toPath: directory.file("etc/\(name)"))
            }
            let user = asNobody ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] : []
            return try Command.run(
                ["unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /etc && exec \"$@\"", directory.file("etc")]
                    + user + [Products.path("leverctl")] + arguments,
                environment: ["XDG_CONFIG_HOME": directory.file("home"), "HOME": "/nonexistent"].merging(variables) { $1 })
        }
    }
}
