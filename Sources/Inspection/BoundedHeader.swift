public import Core

/// The header of a message while it arrives: kept whole as long as it may be stored, and then what a decision is made
/// from alone.
public struct BoundedHeader: Sendable {
    /// Bytes of memory that a header may take until it is at its end. Anybody may send millions of empty fields, in many
    /// sessions at once; the headers of real mail have some tens of kilobytes.
    public static let limit = 1 << 20
    /// Bytes that a field takes besides its name and value.
    private static let fieldOverhead = 64

    public private(set) var fields = HeaderSection()
    /// Set once it is too large to be stored: the bytes of it that were seen.
    public private(set) var oversize: Int?
    private let messageSizeLimit: Int

    public init(messageSizeLimit: Int) { self.messageSizeLimit = messageSizeLimit }

    public mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let size = fields.raw.count + name.count + value.count
        let memory = size + fields.count * Self.fieldOverhead
        if oversize != nil || size > messageSizeLimit || memory > Self.limit {
            oversize = max(oversize ?? 0, size)
            // Even the decisive ones are bounded: as many bytes as the scan of them looks at.
            let limit = min(messageSizeLimit, Self.limit)
            guard value.count <= MessageIDList.byteLimit,
                memory < limit + MarkerField.allCases.count * MessageIDList.byteLimit,
                Self.isDecisive(name)
            else { return }
        }
        fields.append(name: name, value: value)
    }

    public mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        Array(name).withUnsafeBytes { name in
            Array(value).withUnsafeBytes { append(name: name, value: $0) }
        }
    }

    /// A decision is made from these; kept even where a header is too large to be stored.
    private static func isDecisive(_ name: UnsafeRawBufferPointer) -> Bool {
        let name = String(decoding: name, as: UTF8.self).lowercased()
        return MarkerField.allCases.contains { $0.name.lowercased() == name }
    }
}
