/// SHA-256 of a message's body without the bytes that servers change on the way, so that two copies of one mail have
/// one digest: CR, LF, blanks and tabs (Postfix's smtp client breaks lines of more than 998 bytes by CR LF and a blank;
/// others trim or pad lines), NUL and 0x80 (Dovecot gives 0x80 for NUL).
///
/// Takes the body in pieces of any size. Owns its digest; one thread at a time. Keeps none of the body: its bytes are in
/// memory that is overwritten when it is freed (`FreedMemory`), as the stack is not.
public struct BodyDigest: ~Copyable {
    private var digest: SHA256

    public init() throws(CryptoError) { digest = try SHA256() }

    /// Whether a byte counts: it is not one of those that servers change.
    static func counts(_ byte: UInt8) -> Bool { table[Int(byte)] == 1 }

    /// 1 for a byte that counts, 0 for others.
    private static let table = [UInt8](unsafeUninitializedCapacity: 256) { table, count in
        table.initialize(repeating: 1)
        for byte in [0, 0x09, 0x0a, 0x0d, 0x20, 0x80] { table[byte] = 0 }
        count = 256
    }

    private static let blockLength = 16 * 1024

    /// Takes the next piece of the body.
    public mutating func update(_ piece: UnsafeRawBufferPointer) throws {
        let block = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(piece.count, Self.blockLength), alignment: 8)
        defer { block.deallocate() }
        for start in stride(from: 0, to: piece.count, by: Self.blockLength) {
            let part = UnsafeRawBufferPointer(rebasing: piece[start..<min(start + Self.blockLength, piece.count)])
            let count = Self.filter(part, into: block)
            try digest.update(UnsafeRawBufferPointer(rebasing: block[..<count]))
        }
    }

    /// The digest, 32 bytes.
    public consuming func finish() throws(CryptoError) -> [UInt8] { try digest.finish() }

    public static func digest(of body: some Collection<UInt8>) throws -> [UInt8] {
        var digest = try BodyDigest()
        try Array(body).withUnsafeBytes { try digest.update($0) }
        return try digest.finish()
    }

    /// Copies the bytes that count, and returns their number. Eight bytes at a time where all of them count, which is
    /// so in most of base64; else byte by byte, without a branch.
    private static func filter(_ part: UnsafeRawBufferPointer, into block: UnsafeMutableRawBufferPointer) -> Int {
        guard let start = part.baseAddress, let target = block.baseAddress else { return 0 }
        return table.withUnsafeBufferPointer { table in
            let keep = table.baseAddress!
            var (from, to) = (0, 0)
            let words = part.count & ~7
            while from < words {
                let word = start.loadUnaligned(fromByteOffset: from, as: UInt64.self)
                // No byte is below 0x21, or from 0x80 to 0xa0.
                let high = (word & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x5f5f_5f5f_5f5f_5f5f
                if high & 0x8080_8080_8080_8080 == 0x8080_8080_8080_8080 {
                    target.storeBytes(of: word, toByteOffset: to, as: UInt64.self)
                    to &+= 8
                } else {
                    var rest = word
                    for _ in 0..<8 {
                        let byte = UInt8(truncatingIfNeeded: rest)
                        target.storeBytes(of: byte, toByteOffset: to, as: UInt8.self)
                        to &+= Int(keep[Int(byte)])
                        rest >>= 8
                    }
                }
                from &+= 8
            }
            while from < part.count {
                let byte = start.load(fromByteOffset: from, as: UInt8.self)
                target.storeBytes(of: byte, toByteOffset: to, as: UInt8.self)
                to &+= Int(keep[Int(byte)])
                from &+= 1
            }
            return to
        }
    }
}
