/// The commands that make an authority of one's own and the database server's certificate, with openssl(1). The
/// authority's key signs this one certificate, and can be kept offline or thrown away.
public struct CertificateCommands: Sendable {
    /// The server's name.
    public let host: String
    /// Where the files are made.
    public let directory: String

    /// Days that both are valid.
    private static let days = "3650"

    public init(host: String, directory: String) { (self.host, self.directory) = (host, directory) }

    var authority: String { "\(directory)/db-ca.crt" }
    var certificate: String { "\(directory)/server.crt" }
    var key: String { "\(directory)/server.key" }
    private var authorityKey: String { "\(directory)/db-ca.key" }
    private var request: String { "\(directory)/server.csr" }

    var commands: [Invocation] {
        [
            Invocation([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days",
                Self.days, "-subj", "/CN=lever-milter database authority", "-addext",
                "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout",
                authorityKey, "-out", authority,
            ]),
            Invocation([
                "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj",
                "/CN=\(host)",
                "-addext", "subjectAltName=\(Self.isAddress(host) ? "IP" : "DNS"):\(host)", "-addext",
                "extendedKeyUsage=serverAuth", "-keyout", key, "-out",
                request,
            ]),
            Invocation([
                "openssl", "x509", "-req", "-in", request, "-CA", authority, "-CAkey", authorityKey, "-CAcreateserial",
                "-copy_extensions", "copy", "-days", Self.days, "-out", certificate,
            ]),
            Invocation(["chmod", "600", authorityKey, key]),
        ]
    }

    private static func isAddress(_ host: String) -> Bool {
        host.contains(":") || host.allSatisfy { $0 == "." || $0.isNumber }
    }
}
