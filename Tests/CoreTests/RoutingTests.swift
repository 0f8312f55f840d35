import Core
import Testing

@Suite struct RoutingTests {
    private let acme = CompanyID(rawValue: 1)
    private let globex = CompanyID(rawValue: 2)

    @Test func `rows in any order make companies`() throws {
        let routing = try Routing(rows: [
            Routing.Row(company: acme, item: .domain, name: "Acme.Example"),
            Routing.Row(company: acme, item: .indexKey, version: 2, value: [2]),
            Routing.Row(company: acme, item: .furtherIndexKey, version: 1, value: [1]),
            Routing.Row(company: acme, item: .markerKey, version: 1, value: [3]),
            Routing.Row(company: acme, item: .markerKey, version: 9, value: [4]),
            Routing.Row(company: acme, item: .sealingKey, value: [5]),
            Routing.Row(company: acme, item: .company, name: "limited"),
            Routing.Row(company: globex, item: .company, name: "full"),
        ])
        #expect(routing.count == 2)
        let company = try #require(routing.company(domain: "acme.example"))
        #expect(company.id == acme)
        #expect(company.sync == .limited)
        #expect(company.indexKey == Routing.IndexKey(version: 2, key: [2]))
        #expect(company.furtherIndexKeys == [Routing.IndexKey(version: 1, key: [1])])
        #expect(company.markerKeys == [1: [3], 9: [4]])
        #expect(company.sealingKeys == [[5]])
        #expect(routing[globex]?.sync == .full)
        #expect(routing.company(domain: "globex.example") == nil)
    }

    @Test func `an extension is taken off addresses of the company's own domains alone`() throws {
        let routing = try Routing(rows: [
            Routing.Row(company: acme, item: .company, name: "limited"),
            Routing.Row(company: acme, item: .domain, name: "acme.example"),
            Routing.Row(company: acme, item: .recipientDelimiter, name: "+-"),
            Routing.Row(company: globex, item: .company, name: "limited"),
            Routing.Row(company: globex, item: .domain, name: "globex.example"),
        ])
        let company = try #require(routing[acme])
        #expect(company.base(Address(path: "rita-x@acme.example")).text == "rita@acme.example")
        #expect(company.base(Address(path: "rita+x@home.example")).text == "rita+x@home.example")
        #expect(routing[globex]?.base(Address(path: "gus+x@globex.example")).text == "gus+x@globex.example")
    }

    @Test(arguments: [
        [Routing.Row(company: CompanyID(rawValue: 1), item: .company, name: "sometimes")],
        [
            Routing.Row(company: CompanyID(rawValue: 1), item: .company, name: "limited"),
            Routing.Row(company: CompanyID(rawValue: 1), item: .recipientDelimiter, name: "ab"),
        ],
        [
            Routing.Row(company: CompanyID(rawValue: 1), item: .company, name: "limited"),
            Routing.Row(company: CompanyID(rawValue: 1), item: .withdrawnThread, value: [1]),
        ],
        [Routing.Row(company: CompanyID(rawValue: 1), item: .domain, name: "acme.example")],
        [
            Routing.Row(company: CompanyID(rawValue: 1), item: .company, name: "limited"),
            Routing.Row(company: CompanyID(rawValue: 2), item: .company, name: "limited"),
            Routing.Row(company: CompanyID(rawValue: 1), item: .domain, name: "acme.example"),
            Routing.Row(company: CompanyID(rawValue: 2), item: .domain, name: "ACME.example"),
        ],
    ])
    func `inconsistent rows are refused`(_ rows: [Routing.Row]) {
        #expect(throws: Routing.Invalid.self) { try Routing(rows: rows) }
    }
}

@Suite struct BytesTests {
    @Test func `integers, length-prefixed and raw bytes are read back`() throws {
        var writer = ByteWriter()
        writer.integer(Int64.min)
        writer.integer(UInt8(255))
        writer.lengthPrefixed([1, 2, 3])
        writer.raw([9])
        var reader = ByteReader(writer.bytes)
        #expect(try reader.integer(Int64.self) == .min)
        #expect(try reader.integer(UInt8.self) == 255)
        #expect(try reader.lengthPrefixed() == [1, 2, 3])
        #expect(try reader.raw(1) == [9])
        #expect(reader.isAtEnd)
        #expect(throws: ByteReader.Malformed.self) { try reader.raw(1) }
    }

    @Test func `a length that exceeds the remaining bytes is refused`() {
        var reader = ByteReader([0xff, 0xff, 0xff, 0xff, 1])
        #expect(throws: ByteReader.Malformed.self) { try reader.lengthPrefixed() }
    }

    @Test func `a binding record is 44 bytes and is read back`() throws {
        let time = Timestamp.now()
        let binding = Binding(
            message: .make(at: time), company: CompanyID(rawValue: 5), thread: ThreadID(rawValue: 6), time: time)
        #expect(binding.bytes.count == Binding.length)
        #expect(try Binding(bytes: binding.bytes) == binding)
        #expect(throws: ByteReader.Malformed.self) { try Binding(bytes: binding.bytes + [0]) }
        #expect(throws: ByteReader.Malformed.self) {
            try Binding(bytes: Array("LVX1".utf8) + binding.bytes.dropFirst(4))
        }
    }

    @Test func `entry ids sort by time and are UUIDs of version 7`() throws {
        let one = EntryID.make(at: Timestamp(milliseconds: 1_000_000_000_000))
        let two = EntryID.make(at: Timestamp(milliseconds: 1_000_000_000_001))
        #expect(one.description < two.description)
        #expect(one.bytes[6] >> 4 == 7)
        #expect(one.bytes[8] >> 6 == 0b10)
        #expect(EntryID(one.description) == one)
        #expect(EntryID("not-an-id") == nil)
        #expect(Set((0..<1000).map { _ in EntryID.make(at: .now()) }).count == 1000)
    }

    @Test func `a timestamp is written as RFC 3339 in UTC`() {
        #expect(Timestamp(milliseconds: 1_796_000_000_007).description == "2026-11-30T00:53:20.007Z")
    }
}
