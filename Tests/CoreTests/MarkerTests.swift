import Core
import Foundation
import Sealing
import Testing

private let domains = ["hire.lever.co", "hire.eu.lever.co"]
private let key = HMACKey(Array(0..<32))

/// One line of Vectors/markers.tsv.
private struct Vector: CustomTestStringConvertible, Sendable {
    let verdict: String
    let what: String
    let messageID: String
    let numbers: [String]

    var testDescription: String { "\(verdict): \(what)" }

    static let all: [Vector] = {
        let url = Bundle.module.url(forResource: "markers", withExtension: "tsv", subdirectory: "Vectors")!
        return try! String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            let columns = $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Vector(verdict: columns[0], what: columns[1], messageID: columns[2], numbers: Array(columns[3...]))
        }
    }()
}

@Suite struct MarkerTests {
    @Test(arguments: Vector.all)
    fileprivate func `every vector gives the verdict it states`(_ vector: Vector) throws {
        let marker = Marker(messageID: Array(vector.messageID.utf8), domains: domains)
        switch vector.verdict {
        case "malformed":
            #expect(marker == nil)
        case "bad_signature":
            #expect(try #require(marker).isAuthentic(key: key) == false)
        case "valid":
            let marker = try #require(marker)
            #expect(try marker.isAuthentic(key: key))
            let numbers = [
                String(marker.company.rawValue), String(marker.thread.rawValue), String(marker.keyID),
                String(marker.nonce),
            ]
            #expect(numbers == vector.numbers)
        default:
            Issue.record("unknown verdict \(vector.verdict)")
        }
    }

    @Test func `there are vectors for every verdict`() {
        #expect(Set(Vector.all.map(\.verdict)) == ["valid", "bad_signature", "malformed"])
    }

    @Test func `a marker with any bit flipped is refused`() throws {
        let marker = try Marker.issue(
            company: CompanyID(rawValue: 7), thread: .random(), domain: domains[0], keyID: 1, key: key)
        let payload = Base32.decode(marker.messageID.dropFirst(5).prefix(60).utf8)!
        #expect(payload.count == 37)
        for bit in 0..<payload.count * 8 {
            var flipped = payload
            flipped[bit / 8] ^= 0x80 >> UInt8(bit % 8)
            let id = "lv1.\(Base32.encode(flipped))@\(domains[0])"
            let isTaken = try Marker(messageID: Array(id.utf8), domains: domains)?.isAuthentic(key: key) ?? false
            #expect(!isTaken, "bit \(bit)")
        }
    }

    @Test func `an issued marker is read back and its local part has 64 characters`() throws {
        let thread = ThreadID.random()
        let marker = try Marker.issue(
            company: CompanyID(rawValue: 42), thread: thread, domain: "Hire.Lever.CO", keyID: 3, key: key)
        #expect(marker.messageID.hasPrefix("<lv1."))
        #expect(marker.messageID.split(separator: "@")[0].count == 1 + 64)
        let read = try #require(
            Marker(messageID: Array(marker.messageID.dropFirst().dropLast().utf8), domains: domains))
        #expect(read == marker)
        #expect(read.thread == thread)
    }
}

@Suite struct MarkerScanTests {
    private func marker(_ thread: Int64) throws -> Marker {
        try Marker(
            keyID: 1, company: CompanyID(rawValue: 7), thread: ThreadID(rawValue: thread), nonce: 0, domain: domains[0],
            authenticate: key.authenticationCode)
    }

    private func scan(_ fields: (String, String)...) -> [Int64] {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: Array(name.utf8), value: Array(value.utf8)) }
        return Marker.scan(header, domains: domains).map(\.marker.thread.rawValue)
    }

    @Test func `In-Reply-To counts before References, and References from the last id to the first`() throws {
        let ids = try (1...4).map { try marker($0).messageID }
        #expect(
            scan(("References", " \(ids[0]) \(ids[1]) <x@y.example> \(ids[2])"), ("In-Reply-To", " \(ids[3])"))
                == [4, 3, 2, 1])
    }

    @Test func `X-Lever-Thread and Message-ID count only on originals`() throws {
        let (one, two) = (try marker(1).messageID, try marker(2).messageID)
        #expect(scan(("X-Lever-Thread", one), ("Message-ID", two)) == [1, 2])
        #expect(scan(("X-Lever-Thread", one), ("Message-ID", two), ("In-Reply-To", "<x@y.example>")) == [])
    }

    @Test(arguments: [
        "", " ", "<>", " < >", "(none)", " (a (b)) \r\n\t", "<null>", "undefined", "Your message of Monday", "<@>",
    ])
    func `a message whose In-Reply-To names no message is an original`(_ value: String) throws {
        let (one, two) = (try marker(1).messageID, try marker(2).messageID)
        #expect(scan(("X-Lever-Thread", one), ("In-Reply-To", value), ("Message-ID", two)) == [1, 2])
    }

    @Test func `a marker is found in encoded words, whichever encoder wrote them`() throws {
        let id = try marker(1).messageID
        let q = id.utf8.map { byte in
            "<>@.".utf8.contains(byte) ? "=\(String(byte, radix: 16, uppercase: true))" : String(UnicodeScalar(byte))
        }
        for cut in stride(from: 1, to: q.count, by: 7) {
            let words = [q[..<cut], q[cut...]].map { "=?utf-8?q?\($0.joined())?=" }
            #expect(scan(("In-Reply-To", words.joined(separator: "\r\n "))) == [1])
            #expect(scan(("References", "<x@y.example> " + words.joined(separator: " ") + " <z@y.example>")) == [1])
        }
        #expect(scan(("Message-ID", "=?us-ascii?b?\(Data(id.utf8).base64EncodedString())?=")) == [1])
    }

    @Test func `nothing but a whole marker counts, however it is written`() throws {
        let id = String(try marker(1).messageID.dropFirst().dropLast())
        for text in [
            "<\(id.dropLast())>", "<\(id.dropFirst())>", "<x\(id)>", "<\(id).example>", "<\(id)@x>",
            id.replacing("@", with: ""), "=?utf-8?q?=3C\(id.dropLast(3))=3E?=",
        ] {
            #expect(scan(("In-Reply-To", text)) == [], "\(text)")
        }
    }

    @Test(arguments: ["X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID"])
    func `an original's own id counts if the server that replaced it kept it`(_ field: String) throws {
        let id = try marker(1).messageID
        #expect(scan(("Message-ID", "<1@server.example>"), (field, id)) == [1])
        #expect(scan(("Message-ID", "<1@server.example>"), (field, id), ("In-Reply-To", "<x@y.example>")) == [])
    }

    @Test func `each marker is listed with the field where it counts most`() throws {
        let ids = try (1...4).map { try marker($0).messageID }
        var header = HeaderSection()
        for (name, value) in [
            ("references", "\(ids[1]) \(ids[0])"), ("X-Lever-Thread", "\(ids[2]) \(ids[0])"),
            ("message-id", ids[3]),
        ] {
            header.append(name: Array(name.utf8), value: Array(value.utf8))
        }
        #expect(
            Marker.scan(header, domains: domains).map(\.field) == [.references, .references, .leverThread, .messageID])
        header.append(name: Array("In-Reply-To".utf8), value: Array(ids[1].utf8))
        let found = Marker.scan(header, domains: domains)
        #expect(found.map(\.field) == [.inReplyTo, .references])
        #expect(found.map(\.marker.thread.rawValue) == [2, 1])
    }

    @Test func `a marker anywhere else does not count`() throws {
        let id = try marker(1).messageID
        #expect(scan(("Subject", id), ("To", id), ("X-References", id), ("Resent-Message-ID", id)) == [])
    }

    @Test func `the same marker in several fields counts once`() throws {
        let id = try marker(1).messageID
        #expect(scan(("References", "\(id) \(id)"), ("REFERENCES", id), ("in-reply-to", id)) == [1])
    }
}
