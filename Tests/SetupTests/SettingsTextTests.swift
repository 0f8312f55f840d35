import SettingsFile
import Store
import TestSupport
import Testing

@testable import Setup

@Suite struct SettingsTextTests {
    @Test(arguments: [
        "host=/var/run/postgresql dbname=lever user=lever-milter", "credential:x", "it's", "'quoted'", "a: b", "a #b",
        "- x", "{a}", "yes ", "Müller & Söhne",
    ])
    func `a value that is set is read as it is`(_ value: String) throws {
        let directory = try TemporaryDirectory("settings")
        var text = SettingsText("# first\n#database: host=x\nspool: /var/spool/lever-milter\n")
        #expect(!text.has("database"))
        text.set("database", value)
        #expect(text.has("database"))
        let settings = try Settings.load(path: directory.write("file", text.text))
        #expect(settings.database == value)
        #expect(settings.spool == "/var/spool/lever-milter")
        #expect(text.text.hasPrefix("# first\ndatabase: "))
    }

    @Test func `a key that is set is replaced, and a new one comes at the end`() {
        var text = SettingsText("database: old\nspool: /x")
        text.set("database", "new")
        text.set("host_name", "mx1")
        #expect(text.text == "database: new\nspool: /x\nhost_name: mx1\n")
    }

    @Test(arguments: ["plain", "with blank", "it's", #"back\slash"#, ""])
    func `libpq reads a value of a connection string as it is`(_ value: String) throws {
        let parsed = try #require(ConnectionString("host=\(conninfoValue(value)) dbname=x"))
        #expect(parsed.hosts == (value.isEmpty ? [] : [value]))
    }
}
