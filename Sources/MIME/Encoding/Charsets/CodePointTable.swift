/// An index of the WHATWG Encoding Standard (section 5, "Indexes"): code points by pointer.
///
/// The code points come from glibc's iconv, once, when text in the charset is first read, with the few that the
/// standard maps otherwise: the standard's own tables would be half a megabyte of source.
struct CodePointTable: Sendable {
    static let none: UInt32 = 0
    private var codePoints: [UInt32]

    /// `bytes`: what iconv's charset writes for a pointer, empty for nothing.
    init(charset: String, count: Int, bytes: (Int) -> [UInt8]) {
        codePoints = Array(repeating: Self.none, count: count)
        fill(from: charset, pointers: 0..<count, bytes: bytes)
    }

    @inline(__always)
    subscript(pointer: Int) -> UInt32 {
        pointer >= 0 && pointer < codePoints.count ? codePoints[pointer] : Self.none
    }

    mutating func fill(from charset: String, pointers: Range<Int>, bytes: (Int) -> [UInt8]) {
        guard let iconv = Iconv(from: charset, to: "UTF-32LE") else { return }
        for pointer in pointers {
            let bytes = bytes(pointer)
            codePoints[pointer] = bytes.isEmpty ? Self.none : iconv.codePoint(of: bytes) ?? Self.none
        }
    }

    mutating func set(_ pointer: Int, to codePoint: UInt32) { codePoints[pointer] = codePoint }
}
