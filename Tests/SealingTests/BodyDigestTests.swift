import Core
import Testing

@testable import Sealing

@Suite struct BodyDigestTests {
    private static let left = Set<UInt8>([0, 0x09, 0x0a, 0x0d, 0x20, 0x80])

    private func expected(_ body: [UInt8]) throws -> String {
        try Sealing.SHA256.digest(of: body.filter { !Self.left.contains($0) }).hex
    }

    /// In pieces of that many bytes.
    private func digest(_ body: [UInt8], pieces: Int) throws -> String {
        var digest = try BodyDigest()
        try body.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                try digest.update(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + pieces, bytes.count)]))
            }
            try digest.update(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return try digest.finish().hex
    }

    @Test(arguments: [1, 3, 7, 8, 16, 1000, 16_384, 16_385, 65_535])
    func `the digest is SHA-256 of the bytes that count, in pieces of any size`(_ pieces: Int) throws {
        let every = Array(UInt8.min...UInt8.max)
        let bodies: [[UInt8]] = [
            [], [0x20], every, Array("one line of text\r\n".utf8),
            Array(repeatElement(Array("SGVsbG8sIHdvcmxkIQ".utf8) + [13, 10], count: 3000).joined()),
            Array(repeatElement(every + [0x21, 0x81, 0x7f, 0xff, 0xa0, 0xa1], count: 150).joined()),
        ]
        for body in bodies {
            #expect(try digest(body, pieces: pieces) == expected(body))
            #expect(try BodyDigest.digest(of: body).hex == expected(body))
        }
    }

    @Test func `what servers do to lines and NULs does not change it; any other byte does`() throws {
        let text = String(repeating: "x", count: 998) + "yz"
        let plain = try BodyDigest.digest(of: Array("\(text)\0\r\nnext\r\n".utf8))
        let broken = Array("\(text.dropLast(2))\r\n yz".utf8) + [0x80] + Array(" \nnext\t\n\n".utf8)
        #expect(try BodyDigest.digest(of: broken) == plain)
        #expect(try BodyDigest.digest(of: Array("\(text)\0\r\nNext\r\n".utf8)) != plain)
    }
}
