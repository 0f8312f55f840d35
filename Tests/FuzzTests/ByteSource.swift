/// Takes values from a fuzzer's input one after the other; zeros once it is used up.
struct ByteSource {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func integer() -> Int64 { raw(8).reduce(0) { $0 << 8 | Int64($1) } }

    mutating func raw(_ count: Int) -> [UInt8] {
        let bytes = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return bytes + Array(repeating: 0, count: count - bytes.count)
    }

    /// As many bytes as the next byte says, or as are left.
    mutating func bytes() -> [UInt8] {
        let count = min(Int(byte()), rest.count)
        return raw(count)
    }

    /// Up to seven values of one length.
    mutating func pieces(_ length: Int, atLeast least: Int = 0) -> [[UInt8]] {
        (0..<max(least, Int(byte() & 7))).map { _ in raw(length) }
    }
}
