public import Core

/// The header of a message while it arrives: kept whole as long as it may be stored, afterwards only the fields that a
/// decision needs.
public struct BoundedHeader: Sendable {
    /// Bytes of memory that a header may take. Anybody may send millions of empty fields in many sessions at once; the
    /// headers of real mail have some tens of kilobytes.
    public static let limit = 1 << 20
    /// Bytes that a field takes besides its name and value.
    private static let fieldOverhead = 64

    public private(set) var fields = HeaderSection()
    /// The bytes that were seen, once the header is too large to be stored; nil until then.
    public private(set) var oversize: Int?
    let messageSizeLimit: Int

    public init(messageSizeLimit: Int) { self.messageSizeLimit = messageSizeLimit }

    public mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let size = fields.raw.count + name.count + value.count
        let memory = size + fields.count * Self.fieldOverhead
        if oversize != nil || size > messageSizeLimit || memory > Self.limit {
            oversize = max(oversize ?? 0, size)
            // Decisive fields are bounded as well, by the bytes of them that the scan looks at.
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

    /// Fields that a decision needs are kept even if the header is too large to be stored.
    private static func isDecisive(_ name: UnsafeRawBufferPointer) -> Bool {
        let name = String(decoding: name, as: UTF8.self).lowercased()
        return MarkerField.allCases.contains { $0.name.lowercased() == name }
    }
}
