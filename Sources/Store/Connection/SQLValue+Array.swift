import Core

/// PostgreSQL's array of one dimension (array_send): the number of dimensions, whether there are NULLs, the type of the
/// elements, their count, the lower bound, and each element with its length, -1 for NULL.
extension SQLValue {
    static var sqlArrayType: SQLType { sqlType.array }

    static func sqlBytes(of values: [Self]) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(Int32(1))
        writer.integer(Int32(1))
        writer.integer(sqlType.rawValue)
        writer.integer(Int32(values.count))
        writer.integer(Int32(1))
        for value in values {
            if let bytes = value.sqlBytes { writer.lengthPrefixed(bytes) } else { writer.integer(Int32(-1)) }
        }
        return writer.bytes
    }

    static func decodeArray(_ bytes: UnsafeRawBufferPointer) -> [Self]? {
        var position = 0
        func integer() -> Int32? {
            guard bytes.count - position >= 4 else { return nil }
            defer { position += 4 }
            return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int32.self))
        }
        // An empty array has no dimensions, and nothing of what describes one.
        guard let dimensions = integer(), integer() != nil, integer() == Int32(sqlType.rawValue) else { return nil }
        guard dimensions > 0 else { return [] }
        guard dimensions == 1, let count = integer(), count >= 0, integer() != nil else { return nil }
        var values: [Self] = []
        values.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let length = integer().map(Int.init) else { return nil }
            var element: UnsafeRawBufferPointer?
            if length >= 0 {
                guard bytes.count - position >= length else { return nil }
                element = UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])
                position += length
            }
            guard let value = Self.decode(element) else { return nil }
            values.append(value)
        }
        return values
    }
}
