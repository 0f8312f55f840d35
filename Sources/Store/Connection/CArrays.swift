/// A null-terminated array of C strings for the duration of the call.
func withCStrings<Value>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
    withPointers(strings.map { Array($0.utf8) + [0] } + [nil], body)
}

/// The addresses of several byte strings, NULL for nil, for the duration of the call. They are consecutive in one
/// buffer, without terminators: PostgreSQL is given each length.
func withPointers<Value>(
    _ values: [[UInt8]?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
    // A value may be 1 MiB of a message: copied once, and not byte by byte as `joined()` does.
    var buffer: [UInt8] = []
    buffer.reserveCapacity(values.reduce(1) { $0 + ($1?.count ?? 0) })
    for case let value? in values { buffer += value }
    buffer.append(0)
    return buffer.withUnsafeBytes { bytes in
        var position = bytes.bindMemory(to: CChar.self).baseAddress!
        let pointers = values.map { value -> UnsafePointer<CChar>? in
            guard let value else { return nil }
            defer { position += value.count }
            return position
        }
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
