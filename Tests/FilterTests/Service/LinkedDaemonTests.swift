import TestSupport
import Testing

/// The promise that the mail host cannot open what it stored, seen on the program itself.
@Suite struct LinkedDaemonTests {
    private func importedSymbols(of program: String) throws -> [String] {
        try Command.check(["nm", "--dynamic", "--undefined-only", Products.path(program)])
            .split(separator: "\n").map { line in
                String(line.split(separator: " ").last!.split(separator: "@")[0])
            }
    }

    @Test func `the daemon imports no function that decrypts, unwraps or reads a private key`() throws {
        let opening = [
            "Decrypt", "PEM_read", "d2i_PrivateKey", "PKCS8", "CMS_", "EVP_CIPHER_CTX_new_ex", "EVP_PKEY_fromdata",
        ]
        let daemon = try importedSymbols(of: "lever-milter")
        #expect(daemon.contains("EVP_EncryptInit_ex"), "the check sees the daemon's imports")
        for word in opening { #expect(daemon.filter { $0.contains(word) } == []) }
        // The host's own signing key is loaded with it, as 32 raw bytes: it reads no file, and a P-256 key, the only
        // kind that opens mail, has no raw form. EVP_PKEY_derive is of sealing, where the private half is that of an
        // ephemeral key which the daemon made for one wrap.
        let loading = daemon.filter {
            $0.lowercased().contains("private_key") || $0.lowercased().contains("privatekey")
        }
        #expect(Set(loading).isSubset(of: ["EVP_PKEY_new_raw_private_key"]))

        let reader = try importedSymbols(of: "leverctl")
        #expect(reader.contains { $0.contains("Decrypt") }, "the check would see such a function")
    }

    @Test func `the daemon links neither Foundation nor what only leverctl needs`() throws {
        let libraries = try Command.check(["ldd", Products.path("lever-milter")])
        #expect(libraries.contains("libmilter.so"))
        for name in ["libFoundation.so", "lib_FoundationICU", "libxml2", "libical", "libytnef"] {
            #expect(!libraries.contains(name), "\(name)")
        }
        // libmicrohttpd loads GnuTLS with its libraries, which libpq loads as well in Debian 12, and nothing else.
        let paths = libraries.split(separator: "\n").compactMap { $0.split(separator: " ").dropFirst(2).first }
        func loaded(by name: String) throws -> Set<Substring> {
            let path = try #require(paths.first { $0.contains(name) }, "\(name) is linked")
            return Set(
                try Command.check(["ldd", String(path)]).split(separator: "\n").map { $0.split(separator: " ")[0] })
        }
        let further = try loaded(by: "libmicrohttpd.so").subtracting(loaded(by: "libgnutls.so"))
        #expect(further.allSatisfy { $0.contains("libgnutls.so") }, "\(further)")
        let readers = try Command.check(["ldd", Products.path("leverctl")])
        #expect(readers.contains("libxml2") && !readers.contains("libmicrohttpd"))
    }
}
