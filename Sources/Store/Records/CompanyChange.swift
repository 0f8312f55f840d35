public import Core

/// Changes to a company; nil and empty leave a setting as it is.
public struct CompanyChange: Sendable {
    public var name: String?
    public var provider: MailProvider?
    public var sync: SyncLevel?
    /// In lower case. Adding a domain that the company has is no error; removing one that it does not have is.
    public var addedDomains: [String] = []
    public var removedDomains: [String] = []
    /// Days that messages are kept; 0 is no limit.
    public var retentionDays: Int?
    /// Days that rows of the delivery log are kept.
    public var deliveryDays: Int?
    public var capture: CaptureMode?
    public var forward: Forward?
    public var stamps: Bool?
    public var unsignedMarkers: UnsignedMarkerPolicy?
    /// What begins an extension in addresses of the company's own domains; empty for nothing.
    public var recipientDelimiter: String?
    /// Days that markers live; 0 is no limit.
    public var markerDays: Int?
    /// Whether full sync is set up, so that the company may choose it. Setting full sync implies it.
    public var isFullSyncReady: Bool?

    public enum Forward: Sendable {
        case to(ForwardAddress)
        /// A company that stores and forwards goes on storing.
        case nowhere
    }

    public init() {}

    /// The changed settings, for the audit. Names, domains and addresses are left out.
    var summary: String {
        [
            name.map { _ in "name" }, provider.map { "provider \($0.rawValue)" },
            sync.map { "sync \($0.rawValue)" },
            capture.map { "capture \($0.rawValue)" },
            forward.map { if case .to = $0 { "forward address" } else { "no forward address" } },
            stamps.map { $0 ? "stamps outgoing mail" : "no stamps" },
            isFullSyncReady.map { $0 ? "full sync set up" : "full sync not set up" },
            unsignedMarkers.map { "unsigned markers \($0.rawValue)" },
            recipientDelimiter.map { $0.isEmpty ? "no recipient delimiter" : "recipient delimiter \($0)" },
            markerDays.map { $0 == 0 ? "markers live without limit" : "markers live \($0) days" },
            retentionDays.map { $0 == 0 ? "kept without limit" : "kept \($0) days" },
            deliveryDays.map { "delivery log kept \($0) days" },
            addedDomains.isEmpty ? nil : "\(addedDomains.count) domains added",
            removedDomains.isEmpty ? nil : "\(removedDomains.count) domains removed",
        ].compactMap(\.self).joined(separator: ", ")
    }
}
