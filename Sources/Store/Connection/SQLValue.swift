/// A Swift type that is a statement's parameter and a column's value, in PostgreSQL's binary format.
///
/// `[UInt8]` is bytea; any other array is PostgreSQL's array of one dimension. NULL is an optional's nil and nothing
/// else's.
protocol SQLValue {
    static var sqlType: SQLType { get }
    /// Nil is NULL.
    var sqlBytes: [UInt8]? { get }
    /// Nil if these are not the bytes of such a value; no bytes are NULL.
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> Self?

    // What an array of these is.
    static var sqlArrayType: SQLType { get }
    static func sqlBytes(of values: [Self]) -> [UInt8]
    static func decodeArray(_ bytes: UnsafeRawBufferPointer) -> [Self]?
}

extension Optional: SQLValue where Wrapped: SQLValue {
    static var sqlType: SQLType { Wrapped.sqlType }
    var sqlBytes: [UInt8]? { flatMap(\.sqlBytes) }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> Wrapped?? {
        guard let bytes else { return .some(nil) }
        guard let value = Wrapped.decode(bytes) else { return nil }
        return .some(value)
    }
}

extension Array: SQLValue where Element: SQLValue {
    static var sqlType: SQLType { Element.sqlArrayType }
    var sqlBytes: [UInt8]? { Element.sqlBytes(of: self) }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> [Element]? { bytes.flatMap(Element.decodeArray) }
}

extension SQLValue where Self: FixedWidthInteger {
    var sqlBytes: [UInt8]? { withUnsafeBytes(of: bigEndian) { Array($0) } }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> Self? {
        guard let bytes, bytes.count == MemoryLayout<Self>.size else { return nil }
        return Self(bigEndian: bytes.loadUnaligned(as: Self.self))
    }
}

extension Int16: SQLValue { static var sqlType: SQLType { .smallint } }
extension Int32: SQLValue { static var sqlType: SQLType { .integer } }
extension Int64: SQLValue { static var sqlType: SQLType { .bigint } }
extension Int: SQLValue { static var sqlType: SQLType { .bigint } }

/// Alone, such as the version of a key, it is a smallint.
extension UInt8: SQLValue {
    static var sqlType: SQLType { .smallint }
    var sqlBytes: [UInt8]? { Int16(self).sqlBytes }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> UInt8? {
        Int16.decode(bytes).flatMap { UInt8(exactly: $0) }
    }

    static var sqlArrayType: SQLType { .bytea }
    static func sqlBytes(of values: [UInt8]) -> [UInt8] { values }
    static func decodeArray(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? { Array(bytes) }
}

extension Bool: SQLValue {
    static var sqlType: SQLType { .boolean }
    var sqlBytes: [UInt8]? { [self ? 1 : 0] }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> Bool? {
        guard let bytes, bytes.count == 1 else { return nil }
        return bytes[0] != 0
    }
}

extension String: SQLValue {
    static var sqlType: SQLType { .text }
    var sqlBytes: [UInt8]? { Array(utf8) }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> String? {
        bytes.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Identifiers and enumerations are what their raw values are. One that this program does not know is no value.
extension SQLValue where Self: RawRepresentable, RawValue: SQLValue {
    static var sqlType: SQLType { RawValue.sqlType }
    var sqlBytes: [UInt8]? { rawValue.sqlBytes }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> Self? {
        RawValue.decode(bytes).flatMap { Self(rawValue: $0) }
    }
}
