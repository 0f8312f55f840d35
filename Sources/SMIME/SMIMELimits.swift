/// Bounds on what libcrypto is given.
enum SMIMELimits {
    /// Bytes of a CMS structure. Mail servers take some 50 MB.
    static let structure = 100 << 20
    static let signers = 5
    static let certificates = 20
    /// Bytes of a name or an address in a certificate.
    static let name = 255
}
