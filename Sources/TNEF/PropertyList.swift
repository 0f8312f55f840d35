/// A list of MAPI properties (MS-OXTNEF section 2.1.3.4): of those in `PropertyID`, the first value of each. Values are
/// slices of the stream.
///
/// Read here and not by libytnef. Its reader gives up on the whole stream where one number is wrong, where one value is
/// longer than 512 KiB or one subject longer than 1,000 bytes; then it writes to standard output.
struct PropertyList {
    private var values: [PropertyID: (type: UInt16, bytes: ArraySlice<UInt8>)] = [:]

    /// What is damaged is left out, with all behind it.
    init(_ source: ArraySlice<UInt8>) {
        var reader = LittleEndianReader(source)
        guard let count = reader.word() else { return }
        for _ in 0..<min(Int(count), TNEFLimits.properties) {
            guard let type = reader.short(), let number = reader.short() else { return }
            var id = PropertyID(rawValue: number)
            if number >= 0x8000 {
                guard let name = Self.name(&reader) else { return }
                id = name.flatMap { PropertyID(rawValue: $0) }
            }
            guard let value = Self.value(of: type, &reader) else { return }
            if let id, id.isNamed == (number >= 0x8000), values[id] == nil { values[id] = (type, value) }
        }
    }

    /// Text up to its NUL; empty if missing. `decode` takes bytes of the stream's code page.
    func text(_ id: PropertyID, decode: ([UInt8]) -> String) -> String {
        guard let (type, bytes) = values[id] else { return "" }
        switch type {
        case Self.string: return decode(Array(bytes.prefix { $0 != 0 }))
        case Self.unicode:
            var (units, reader) = ([UInt16](), LittleEndianReader(bytes))
            while let unit = reader.short(), unit != 0 { units.append(unit) }
            return String(decoding: units, as: UTF16.self)
        default: return ""
        }
    }

    /// Bytes, or text as it is; nil if missing.
    func bytes(_ id: PropertyID) -> [UInt8]? {
        guard let (type, bytes) = values[id], Self.variable.contains(type), type != Self.unicode else { return nil }
        return Array(bytes)
    }

    func number(_ id: PropertyID) -> Int? {
        guard let (type, bytes) = values[id], type == Self.long else { return nil }
        var reader = LittleEndianReader(bytes)
        return reader.word().map { Int($0) }
    }

    /// Seconds since 1970. Windows counts tenths of microseconds from 1601.
    func time(_ id: PropertyID) -> Int? {
        guard let (type, bytes) = values[id], type == Self.systemTime else { return nil }
        var reader = LittleEndianReader(bytes)
        guard let low = reader.word(), let high = reader.word() else { return nil }
        return Int((UInt64(high) << 32 | UInt64(low)) / 10_000_000) - 11_644_473_600
    }

    // MARK: Framing

    private static let (long, string, unicode): (UInt16, UInt16, UInt16) = (0x03, 0x1e, 0x1f)
    private static let systemTime: UInt16 = 0x40
    private static let severalValues: UInt16 = 0x1000
    /// Texts, objects, bytes.
    private static let variable: Set<UInt16> = [string, unicode, 0x0d, 0x102]
    /// Bytes of the other types' values, padded.
    private static let widths: [UInt16: Int] = [
        0x00: 0, 0x01: 0, 0x02: 4, long: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0a: 4, 0x0b: 4, 0x14: 8,
        systemTime: 8, 0x48: 16,
    ]

    /// Reads the name of a named property. Nil if the list ends; `.some(nil)` if it is of another set, or a text.
    private static func name(_ reader: inout LittleEndianReader) -> UInt16?? {
        guard let set = reader.bytes(16), let kind = reader.word(), let value = reader.word() else { return nil }
        guard kind != 0 else { return .some(set.elementsEqual(PropertyID.appointments) ? UInt16(exactly: value) : nil) }
        return reader.bytes(padded(value)) == nil ? nil : .some(nil)
    }

    /// The first of a property's values. Nil if the list ends, or the type is none.
    private static func value(of type: UInt16, _ reader: inout LittleEndianReader) -> ArraySlice<UInt8>? {
        let (base, isVariable) = (type & ~severalValues, variable.contains(type & ~severalValues))
        var count = 1
        if isVariable || base != type {
            guard let number = reader.word() else { return nil }
            count = Int(number)
        }
        guard isVariable else {
            guard let width = widths[base], let values = reader.bytes(width * count) else { return nil }
            return values.prefix(width)
        }
        var first: ArraySlice<UInt8>?
        for _ in 0..<count {
            guard let length = reader.word(), let value = reader.bytes(padded(length)) else { return nil }
            first = first ?? value.prefix(Int(length))
        }
        return first ?? []
    }

    private static func padded(_ length: UInt32) -> Int { (Int(length) + 3) / 4 * 4 }
}
