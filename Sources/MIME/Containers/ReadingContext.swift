public import SMIME

/// What reading a message depends on beside the message: the reader's clock, and whom the reader trusts. A plain value.
public struct ReadingContext: Sendable {
    /// IANA name of the time zone in which times of invitations are shown; UTC if it is none.
    public var timeZone: String
    /// Without them, signatures are not checked.
    public var authorities: CertificateAuthorities?
    /// When the message came, in seconds since 1970: certificates of signers must have been valid then.
    public var receivedAt: Int

    public init(timeZone: String = "UTC", authorities: CertificateAuthorities? = nil, receivedAt: Int = 0) {
        self.timeZone = timeZone
        self.authorities = authorities
        self.receivedAt = receivedAt
    }
}
