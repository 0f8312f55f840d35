import Core
import Sealing
import Testing

@Suite struct BlindIndexTests {
    private let key = Routing.IndexKey(version: 1, key: Array(0..<32))
    private let bodyDigest = [UInt8](repeating: 0xb0, count: 32)

    private func header(_ fields: KeyValuePairs<String, String>) -> HeaderSection {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: name.utf8, value: value.utf8) }
        return header
    }

    private func dedupeKey(_ fields: KeyValuePairs<String, String>) throws -> String {
        try key.dedupeKey(header: header(fields), bodyDigest: bodyDigest).hex
    }

    @Test func `an address has one index, whatever its letter case`() throws {
        let index = try key.addressIndex(Address(path: "Ada@Example.org"))
        #expect(
            index == Array(try HMACKey(key.key).authenticationCode(for: Array("addrada@example.org".utf8)).prefix(16)))
        #expect(try index == key.addressIndex(Address(path: "ada@example.ORG")))
        #expect(try index != key.addressIndex(Address(path: "eda@example.org")))
    }

    @Test func `a message id's index is case-sensitive`() throws {
        let index = try key.messageIDIndex(Array("A1@example.org".utf8))
        #expect(
            index == Array(try HMACKey(key.key).authenticationCode(for: Array("msgidA1@example.org".utf8)).prefix(16)))
        #expect(try index != key.messageIDIndex(Array("a1@example.org".utf8)))
    }

    @Test func `indices of different kinds or under different keys differ`() throws {
        let value = "a1@example.org"
        let other = Routing.IndexKey(version: 2, key: Array(1...32))
        #expect(try key.addressIndex(Address(path: value)) != key.messageIDIndex(Array(value.utf8)))
        #expect(try key.addressIndex(Address(path: value)) != other.addressIndex(Address(path: value)))
    }

    @Test func `the dedupe key is the HMAC of the fields it names`() throws {
        var writer = ByteWriter()
        writer.raw("dedupe".utf8)
        writer.integer(UInt32(1))
        writer.lengthPrefixed(Array("<a@b>".utf8))
        writer.integer(UInt32(0))
        writer.integer(UInt32(2))
        writer.lengthPrefixed(Array("x@y".utf8))
        writer.lengthPrefixed(Array("z@y".utf8))
        writer.raw(bodyDigest)
        let expected = try HMACKey(key.key).authenticationCode(for: writer.bytes).hex
        #expect(try dedupeKey(["From": " x@y", "Message-ID": " <a@b>", "From": " z@y"]) == expected)
    }

    @Test func `trace fields, folding and the order of field names do not change the dedupe key`() throws {
        let plain = try dedupeKey(["Message-ID": " <a@b>", "Date": " today and then", "From": " x@y"])
        #expect(
            try dedupeKey([
                "Received": " by here", "From": "x@y", "DATE": " today\n and then ", "Message-Id": "\r\n <a@b>",
                "Subject": " else",
            ]) == plain)
    }

    @Test func `another Message-ID, Date, From or body changes the dedupe key`() throws {
        let keys = try [
            dedupeKey(["Message-ID": " <a@b>", "Date": " today", "From": " x@y"]),
            dedupeKey(["Message-ID": " <c@b>", "Date": " today", "From": " x@y"]),
            dedupeKey(["Message-ID": " <a@b>", "Date": " today!", "From": " x@y"]),
            dedupeKey(["Message-ID": " <a@b>", "Date": " today", "From": " z@y"]),
            dedupeKey(["Message-ID": " <a@b>", "Date": " today"]),
            dedupeKey(["Message-ID": " <a@b>", "Date": " today", "From": " x@y", "From": " x@y"]),
            dedupeKey(["Message-ID": " <a@b>", "Date": " todayx@y", "From": " "]),
            key.dedupeKey(
                header: header(["Message-ID": " <a@b>", "Date": " today", "From": " x@y"]),
                bodyDigest: Array(repeating: 0xb1, count: 32)
            ).hex,
        ]
        #expect(Set(keys).count == keys.count)
    }
}
