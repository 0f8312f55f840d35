import SMIME

/// CMS structures of mail, and their signatures.
enum SMIMETarget {
    /// One of the fixtures' authorities; whose it is does not matter.
    private static let authorities = try? CertificateAuthorities(pem: Array(certificate.utf8))

    static func run(_ input: [UInt8]) throws {
        let content = SMIMEContent(input)
        let signature = Signature(input, content: nil, authorities: authorities, at: 1_796_119_800)
        try require("what is not signed has no signature", signature.state != .valid || content != nil)
        guard case .signed(let inner?) = content else { return }
        try require("what is signed is in the structure", inner.count <= input.count)
    }

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBsDCCAVWgAwIBAgIULqPiRMjWmQ16lHcsAMySSNII1QEwCgYIKoZIzj0EAwIw
        LDEQMA4GA1UECgwHRXhhbXBsZTEYMBYGA1UEAwwPRXhhbXBsZSBNYWlsIENBMCAX
        DTI2MTEzMDE1Mjg0NVoYDzIxMjYxMTA2MTUyODQ1WjAsMRAwDgYDVQQKDAdFeGFt
        cGxlMRgwFgYDVQQDDA9FeGFtcGxlIE1haWwgQ0EwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATxnAdWSIb0G1zHqJkWD0jbm4v2xuZrKQola4MU1daovXIvFdvCFOIs
        0nkidl2g6y1Q7GsgJyMYgVEMQPJ0vpQVo1MwUTAdBgNVHQ4EFgQUEIS8wwa8WM3g
        fXce10BYRKOuMn8wHwYDVR0jBBgwFoAUEIS8wwa8WM3gfXce10BYRKOuMn8wDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAtC8izmXzZVE+7C5o8TOL
        GWSbwiG3m+Awe9/un11M0J4CIQCplPyhp5pGk7gA/t8UsocqSqZA13EW+6YPGuku
        eAH5GQ==
        -----END CERTIFICATE-----
        """
}
