/// A test's own certificate authority, made with openssl, and one certificate of it for this machine.
public struct CertificateAuthority: Sendable {
    /// PEM files.
    public let authority: String
    public let certificate: String
    public let key: String

    /// The certificate is for `localhost`, and for 127.0.0.1 as a name and an address.
    public init(in directory: TemporaryDirectory) throws {
        (authority, certificate, key) = (
            directory.file("ca.pem"), directory.file("server.pem"), directory.file("server.key")
        )
        let authorityKey = directory.file("ca.key")
        try Command.check([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj",
            "/CN=Test authority", "-keyout", authorityKey, "-out", authority,
        ])
        let request = directory.file("server.csr")
        try Command.check([
            "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=localhost",
            "-keyout", key, "-out", request,
        ])
        let extensions = try directory.write("server.ext", "subjectAltName=DNS:localhost,DNS:127.0.0.1,IP:127.0.0.1\n")
        try Command.check([
            "openssl", "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authorityKey, "-CAcreateserial",
            "-days",
            "2", "-extfile", extensions, "-out", certificate,
        ])
    }
}
