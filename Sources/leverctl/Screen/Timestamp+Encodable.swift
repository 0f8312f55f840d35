public import Core

extension Timestamp: Encodable {
    /// In JSON times are RFC 3339 in UTC.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
