import Glibc
import TestSupport
import Testing

@testable import System

@Suite struct CredentialStoreTests {
    private let directory: TemporaryDirectory
    private var store: CredentialStore

    /// With a program that decrypts what rev(1) encrypts, and refuses what begins with an x.
    init() throws {
        directory = try TemporaryDirectory("credentials")
        let program = try directory.writeProgram(
            "decrypt", "[ $# = 2 ] && [ \"$2\" = - ] && ! grep -q ^x \"$1\" && rev \"$1\" | tr -d '\\n'\n")
        store = CredentialStore(
            handedOver: [directory.file("run")], sources: [directory.file("etc")],
            encrypted: [directory.file("etc.encrypted")])
        store.decryption = [program]
    }

    private func put(_ directory: String, _ text: String, mode: UInt32 = 0o600) throws -> String {
        if access(self.directory.file(directory), F_OK) != 0 { try self.directory.makeDirectory(directory) }
        return try self.directory.write("\(directory)/key", text, mode: mode)
    }

    private func read(_ path: String) throws -> String? {
        try store.contents(of: path).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `what the running daemon has comes first, then where it comes from, in the clear or encrypted`() throws {
        // Where it would have to be, for the error message.
        #expect(store.existingPath(of: "key") == nil)
        #expect(store.path(of: "key") == directory.file("etc/key"))
        for (name, text) in [("etc.encrypted", "terces"), ("etc", "secret"), ("run", "secret")] {
            let path = try put(name, text)
            #expect(store.path(of: "key") == path)
            #expect(store.existingPath(of: "key") == path)
            #expect(try read(path) == "secret")
        }
    }

    @Test func `in a service it looks where the service manager says and nowhere else`() {
        let store = CredentialStore(given: directory.file("run"))
        #expect(store.path(of: "key") == directory.file("run/key"))
        #expect(store.existingPath(of: "key") == nil)
    }

    @Test func `outside, in the directories of systemd's manual`() {
        let store = CredentialStore(given: nil)
        #expect(store.path(of: "no.such") == "/etc/credstore/no.such")
        #expect(store.place(of: "/run/credentials/lever-milter.service/key") == .handedOver)
        #expect(store.place(of: "/run/credentials/another.service/key") == .handedOver)
        #expect(store.place(of: "/etc/credstore.encrypted/key") == .encrypted)
        #expect(store.place(of: "/usr/lib/credstore/key") == .source)
        #expect(store.place(of: "/etc/lever-milter/key") == nil)
    }

    @Test func `a link is what it leads to`() throws {
        let key = try put("run", "secret", mode: 0o440)
        let link = directory.file("link")
        #expect(symlink(key, link) == 0)
        #expect(store.place(of: link) == .handedOver)
        let outside = try directory.write("outside", "secret")
        unlink(key)
        #expect(symlink(outside, key) == 0)
        #expect(store.place(of: key) == nil)
    }

    @Test func `what cannot be read or decrypted is an error that names it, and what is not there is none`() throws {
        #expect(try read(directory.file("run/key")) == nil)
        let encrypted = try put("etc.encrypted", "x")
        #expect {
            _ = try read(encrypted)
        } throws: {
            "\($0)".hasPrefix("\(encrypted): systemd-creds cannot decrypt it; only root can")
        }
        #expect(throws: CredentialError.self) { _ = try read(directory.path) }
    }

    @Test(arguments: ["", ".", "..", "a/b", "a b", "ä", "a\n", String(repeating: "a", count: 256)])
    func `a name that systemd does not take is none`(name: String) {
        #expect(store.path(of: name) == nil)
    }
}
