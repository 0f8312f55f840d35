import Glibc

/// The header section of a message as the mail server showed it: every field in order, kept as the bytes that are
/// sealed later, so that what is stored is what was sent.
///
/// Field names compare without regard to ASCII case (RFC 5322 section 1.2.2).
public struct HeaderSection: Sendable {
    private struct Field {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// `Name:value CRLF` for every field, folds as CRLF too; without the empty line that ends the section.
    public private(set) var raw: [UInt8] = []
    private var fields: [Field] = []

    public init() {}

    public var count: Int { fields.count }

    /// Takes one field. The value holds what follows the colon, leading space included; folds may be LF or CRLF.
    public mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        if raw.isEmpty {
            // Most headers fit.
            raw.reserveCapacity(4096)
            fields.reserveCapacity(32)
        }
        let nameStart = raw.count
        raw.append(contentsOf: name)
        let nameEnd = raw.count
        raw.append(UInt8(ascii: ":"))
        let valueStart = raw.count
        append(lines: value)
        fields.append(Field(name: nameStart..<nameEnd, value: valueStart..<raw.count))
        raw.append(carriageReturn)
        raw.append(lineFeed)
    }

    public mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        Array(name).withUnsafeBytes { name in
            Array(value).withUnsafeBytes { append(name: name, value: $0) }
        }
    }

    /// Puts a CR before each LF that has none.
    private mutating func append(lines: UnsafeRawBufferPointer) {
        var rest = lines
        while let start = rest.baseAddress, let end = memchr(start, Int32(lineFeed), rest.count) {
            let line = UnsafeRawBufferPointer(start: start, count: end - UnsafeMutableRawPointer(mutating: start))
            raw.append(contentsOf: line)
            if line.last != carriageReturn { raw.append(carriageReturn) }
            raw.append(lineFeed)
            rest = UnsafeRawBufferPointer(rebasing: rest[(line.count + 1)...])
        }
        raw.append(contentsOf: rest)
    }

    /// Every field, in order, as it stands.
    public var all: [(name: String, value: ArraySlice<UInt8>)] {
        fields.map { (String(decoding: raw[$0.name], as: UTF8.self), raw[$0.value]) }
    }

    /// The values of every field of that name, in order, as they stand.
    public func values(_ name: String) -> [ArraySlice<UInt8>] {
        let wanted = name.utf8
        var values: [ArraySlice<UInt8>] = []
        for field in fields
        where field.name.count == wanted.count
            && zip(raw[field.name], wanted).allSatisfy({ $0.asciiLowercased == $1.asciiLowercased })
        {
            values.append(raw[field.value])
        }
        return values
    }

    /// The values of every field of that name without folds and without space around them (RFC 5322 section 2.2.3),
    /// so that a relay that folds elsewhere makes no difference.
    public func unfolded(_ name: String) -> [[UInt8]] {
        values(name).map { value in
            var text = value.filter { $0 != carriageReturn && $0 != lineFeed }
            while let last = text.last, last.isBlank { text.removeLast() }
            return Array(text.drop { $0.isBlank })
        }
    }
}

let carriageReturn = UInt8(ascii: "\r")
let lineFeed = UInt8(ascii: "\n")

extension UInt8 {
    /// A space or a tab.
    public var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
