import Core
import Sealing
import Testing

@Suite struct BlindIndexTests {
    private let key = Routing.IndexKey(version: 1, key: Array(0..<32))
    private let thread = ThreadID(rawValue: 0x0102)
    private let bodyDigest = [UInt8](repeating: 0xb0, count: 32)

    private func header(_ fields: KeyValuePairs<String, String>) -> HeaderSection {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: name.utf8, value: value.utf8) }
        return header
    }

    private func dedupeKey(_ fields: KeyValuePairs<String, String>) throws -> String {
        try key.dedupeKey(thread: thread, header: header(fields), bodyDigest: bodyDigest).hex
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

    @Test func `the dedupe key is the HMAC of the thread, the fields it names and the body's digest`() throws {
        var writer = ByteWriter()
        writer.raw("dedupe".utf8)
        writer.integer(Int64(0x0102))
        func values(_ texts: String...) {
            writer.integer(UInt32(texts.count))
            for text in texts { writer.lengthPrefixed(text.utf8) }
        }
        values("<a@b>")
        values()
        values("Xx@y", "z@y")
        values("Twowords")
        values("r@acme.example,s@acme.example")
        values()
        values("1.0")
        values("multipart/mixed; boundary=\"a b\"")
        values()
        values()
        values()
        writer.lengthPrefixed("".utf8)
        writer.raw(bodyDigest)
        let expected = try HMACKey(key.key).authenticationCode(for: writer.bytes).hex
        #expect(
            try dedupeKey([
                "From": " X x@y", "Message-ID": " <a@b>", "From": " z@y", "Subject": " Two\r\n words ",
                "To": " r@acme.example,\n\ts@acme.example", "MIME-Version": " 1.0",
                "Content-Type": "\r\n multipart/mixed;\n boundary=\"a b\" ",
            ]) == expected)
    }

    @Test func `trace fields, folding and the order of field names do not change the dedupe key`() throws {
        let plain = try dedupeKey([
            "Message-ID": " <a@b>", "Date": " today and then", "From": " x@y.example", "To": " a, b",
            "Content-Type": " text/plain; charset=utf-8",
        ])
        #expect(
            try dedupeKey([
                "Received": " by here", "Content-Type": " text/plain;\n charset=utf-8", "From": "x@y.example",
                "DATE": " today\n and then ", "Message-Id": "\r\n <a@b>", "To": "a,\r\n\tb", "X-Spam": " no",
                "Authentication-Results": " mx; dmarc=pass", "Bcc": " c", "Return-Path": " <r@s>",
            ]) == plain)
    }

    @Test func `a long line that Postfix broke leaves the dedupe key as it is`() throws {
        let long = (0..<60).map { "person\($0)@department\($0).example" }.joined(separator: ",")
        let cut = long.index(long.startIndex, offsetBy: 998)
        let fields: (String) -> KeyValuePairs<String, String> = { ["Message-ID": "<a@b>", "To": $0, "Subject": $0] }
        #expect(try dedupeKey(fields(" " + long)) == dedupeKey(fields(" \(long[..<cut])\r\n \(long[cut...])")))
    }

    @Test func `another thread, or anything that says who wrote what and how it is read, changes the dedupe key`()
        throws
    {
        let plain: [(String, String)] = [
            ("Message-ID", " <a@b>"), ("Date", " today"), ("From", " x@y.example"), ("Subject", " Offer"),
            ("To", " a@b.example"), ("Content-Type", " multipart/mixed; boundary=X"),
        ]
        func key(_ change: (inout [(String, String)]) -> Void = { _ in }, thread: Int64 = 1, digest: UInt8 = 1) throws
            -> String
        {
            var fields = plain
            change(&fields)
            var header = HeaderSection()
            for (name, value) in fields { header.append(name: name.utf8, value: value.utf8) }
            return try self.key.dedupeKey(
                thread: ThreadID(rawValue: thread), header: header, bodyDigest: Array(repeating: digest, count: 32)
            ).hex
        }
        func field(_ name: String, _ value: String?) throws -> String {
            try key { fields in
                fields.removeAll { $0.0 == name }
                if let value { fields.append((name, value)) }
            }
        }
        let keys = try [
            key(), key(thread: 2), key(digest: 2), field("Message-ID", " <c@b>"), field("Date", " today!"),
            field("From", " z@y.example"), field("From", nil), field("From", " \"x \"@y.example"),
            key { $0.append(("From", " x@y.example")) }, field("Subject", " Refusal"), field("To", " c@b.example"),
            field("Cc", " c@b.example"),
            key {
                $0[1].1 = " todayx@y.example"; $0[2].1 = " "
            },
            // The body is read by these, in which a blank may count.
            field("Content-Type", " multipart/mixed; boundary=Y"),
            field("Content-Type", " multipart/mixed; boundary=\"X Y\""),
            field("Content-Type", " multipart/mixed; boundary=\"XY\""),
            field("Content-Type", " multipart/mixed; boundary=\"X  Y\""),
            field("Content-Type", " multipart/mixed; boundary=\"X\tY\""),
            field("Content-Type", " multipart/mixed; boundary=\"X\rY\""),
            field("Content-Type", nil), key { $0.append(("content-type", " multipart/mixed; boundary=Y")) },
            field("Content-Transfer-Encoding", " base64"), field("Content-Transfer-Encoding", " 8bit"),
            field("MIME-Version", " 1.0"), field("Content-Disposition", " attachment"), field("Content-ID", " <1@2>"),
        ]
        #expect(Set(keys).count == keys.count)
    }

    @Test func `copies that a server rewrote share the copy index of Message-ID, date and author`() throws {
        func copy(_ fields: KeyValuePairs<String, String>) throws -> String? {
            try key.copyIndex(header: header(fields))?.hex
        }
        let plain = try copy([
            "Message-ID": " <a@b>", "Date": " today", "From": " X <x@y.example>", "Subject": " Offer",
        ])
        #expect(
            try copy([
                "Message-ID": "\r\n <a@b>", "Date": " today ", "From": " \"X, Mr\" <X@Y.example>",
                "Subject": " [EXTERN] Offer", "Content-Type": " text/html",
            ]) == plain)
        #expect(try copy(["Message-ID": " <a@b>", "Date": " today", "From": " z@y.example"]) != plain)
        #expect(try copy(["Message-ID": " <a@b>", "Date": " later", "From": " x@y.example"]) != plain)
        #expect(try copy(["Message-ID": " <c@b>", "Date": " today", "From": " x@y.example"]) != plain)
        #expect(try copy(["Date": " today", "From": " x@y.example"]) == nil)
        #expect(try copy(["Message-ID": " ", "Date": " today", "From": " x@y.example"]) == nil)
    }
}
