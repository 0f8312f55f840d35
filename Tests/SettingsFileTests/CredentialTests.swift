import TestSupport
import Testing

@testable import SettingsFile

@Suite struct CredentialTests {
    @Test func `a signing key given as a credential is read from the first directory that has it`() throws {
        let directory = try TemporaryDirectory("credentials")
        let store = CredentialStore(directories: ["run", "etc"].map { directory.file($0) })
        func signingKey() throws -> String? {
            try Settings(Array("signing_key: credential:lever-milter.key".utf8), path: "test.yaml", credentials: store)
                .signingKey
        }
        // Where it would have to be, for the error message.
        #expect(try signingKey() == directory.file("etc/lever-milter.key"))
        for name in ["etc", "run"] {
            try directory.makeDirectory(name)
            try directory.write("\(name)/lever-milter.key", "a key")
            #expect(try signingKey() == directory.file("\(name)/lever-milter.key"))
        }
    }

    @Test func `a path is used unchanged`() throws {
        let settings = try Settings(Array("signing_key: /etc/credential:x".utf8), path: "test.yaml")
        #expect(settings.signingKey == "/etc/credential:x")
    }
}
