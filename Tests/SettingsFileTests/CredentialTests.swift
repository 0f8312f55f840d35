import System
import TestSupport
import Testing

@testable import SettingsFile

@Suite struct CredentialTests {
    private func signingKey(_ value: String) throws -> String? {
        try Settings(Array("signing_key: \(value)".utf8), path: "test.yaml").signingKey
    }

    @Test func `a signing key given as a credential is where credentials are`() throws {
        #expect(try signingKey("credential:no.such.key") == CredentialStore.system.path(of: "no.such.key"))
    }

    @Test func `a path is used unchanged`() throws {
        #expect(try signingKey("/etc/credential:x") == "/etc/credential:x")
    }
}
