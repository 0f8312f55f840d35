import Core
import Inspection
import Sealing

/// The input is a header section; fields that begin with `MAIL:` and `RCPT:` are the envelope.
enum HeaderTarget {
    static func run(_ input: [UInt8]) throws {
        var bounded = BoundedHeader(messageSizeLimit: 1 << 20)
        var envelope = Envelope(sender: Address(path: "<anna@home.example>"))
        for (name, value) in fields(in: input) {
            switch name {
            case Array("MAIL".utf8): envelope.sender = Address(path: String(decoding: value, as: UTF8.self))
            case Array("RCPT".utf8):
                envelope.recipients.append(Address(path: String(decoding: value, as: UTF8.self)))
            default: bounded.append(name: name, value: value)
            }
        }
        let header = bounded.fields

        try checkLists(input, header)
        let markers = Marker.scan(header, domains: HeaderFixture.domains).map(\.marker)
        try require(
            "no more markers than ids are read",
            markers.count <= MarkerField.allCases.count * 2 * MessageIDList.endLimit)
        for marker in markers {
            // Without its angle brackets.
            let id = Array(marker.messageID.utf8.dropFirst().dropLast())
            try require(
                "a marker reads as itself", Marker(messageID: id, domains: HeaderFixture.domains) == marker)
        }

        let rules = InspectionContext(
            routing: HeaderFixture.routing, markerDomains: HeaderFixture.domains, authservIDs: ["mx.acme.example"],
            learned: HeaderFixture.learned)
        for match in try Plan.all(header: bounded, envelope: envelope, rules: rules).compactMap(\.match) {
            let text = input.filter { $0 > 0x20 }.map(\.asciiLowercased)
            let evidence: String.UTF8View
            switch match.found.evidence {
            case .marker(let marker):
                try require("a marker that decides is the one true marker", marker == HeaderFixture.marker)
                evidence = marker.messageID.utf8
            case .learnedID: evidence = "<\(HeaderFixture.knownID)>".utf8
            case .unsignedMarker:
                evidence = "".utf8
                try require("a company that refuses unsigned markers takes none", false)
            }
            let id = evidence.dropFirst().dropLast()
            // Encoded words and URLs write it otherwise.
            let isEncoded = [Array("=?".utf8), Array("%40".utf8), Array("=40".utf8)].contains {
                text.firstRange(of: $0) != nil
            }
            try require("what decided is in the header", isEncoded || text.firstRange(of: Array(id)) != nil)
            _ = try ReferencesStamp(match, header: header)
        }
        _ = try HeaderFixture.indexKey.dedupeKey(
            thread: ThreadID(rawValue: 1), header: header, bodyDigest: Array(repeating: 0, count: 32))
        _ = try HeaderFixture.indexKey.copyIndex(header: header)
    }

    private static func checkLists(_ input: [UInt8], _ header: HeaderSection) throws {
        for ids in [MessageIDList.ids(in: [input[...]]), MessageIDList.ids(in: header.values("References"))] {
            try require("ids are bounded in number", ids.count <= 2 * MessageIDList.endLimit)
            for id in ids {
                try require("an id has no white space and no brackets", !id.contains { " \t\r\n<>".utf8.contains($0) })
            }
        }
        for likeness in MarkerLikeness.all(in: input[...], domains: HeaderFixture.domains, limit: 8) {
            guard case .whole(let marker) = likeness.form else { continue }
            let id = Array(marker.messageID.utf8.dropFirst().dropLast())
            try require(
                "what looks like a whole marker is one",
                Marker(messageID: id, domains: HeaderFixture.domains) == marker)
        }
        for name in ["Message-ID", "From", "Subject"] {
            for value in header.unfolded(name) {
                try require("an unfolded value has no line end", !value.contains { $0 == 10 || $0 == 13 })
            }
        }
    }

    /// Lines, with those that begin with white space belonging to the one before.
    private static func fields(in input: [UInt8]) -> [(name: [UInt8], value: [UInt8])] {
        var fields: [(name: [UInt8], value: [UInt8])] = []
        for line in input.split(separator: 10, omittingEmptySubsequences: false) {
            if let first = line.first, first == 0x20 || first == 9, !fields.isEmpty {
                fields[fields.count - 1].value += [10] + line
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                fields.append((Array(line[..<colon]), Array(line[(colon + 1)...])))
            }
        }
        return fields
    }
}

/// A company, its keys and one valid marker.
enum HeaderFixture {
    static let domains = ["hire.lever.co", "hire.eu.lever.co"]
    static let indexKey = Routing.IndexKey(version: 1, key: Array(repeating: 2, count: 32))
    private static let company = CompanyID(rawValue: 1)
    private static let markerKey = [UInt8](repeating: 1, count: 32)

    /// `<lv1.aeaaaaaaaaaaaaaaaeaaaaaaaaaaaacnaaaaaadiozs7kbc3oozkivfypofxqsok@hire.lever.co>`
    static let marker: Marker = {
        let key = HMACKey(markerKey)
        return try! Marker(
            keyID: 1, company: company, thread: ThreadID(rawValue: 77), nonce: 7, domain: domains[0],
            authenticate: key.authenticationCode)
    }()

    /// The id of a message that was seen before.
    static let knownID = "seen-1@acme.example"
    static let learned: LearnedThreads = {
        let memory = LearnedThreads()
        // With whom the envelope and From of an input name unless they say otherwise.
        let index = Routing.IndexKey.learnedIndex(
            messageIDIndex: try! indexKey.messageIDIndex(Array(knownID.utf8)),
            partyIndex: try! indexKey.addressIndex(Address(path: "anna@home.example")))
        memory.threads.insert([(index[...], Int64(77))])
        return memory
    }()

    static let routing = try! Routing(rows: [
        Routing.Row(company: company, item: .company, name: "limited"),
        Routing.Row(company: company, item: .domain, name: "acme.example"),
        Routing.Row(company: company, item: .markerKey, version: 1, value: markerKey),
        Routing.Row(company: company, item: .indexKey, version: 1, value: indexKey.key),
        Routing.Row(company: company, item: .neverDomain, name: "press.example"),
        Routing.Row(
            company: company, item: .neverAddress, version: 1,
            value: try! indexKey.addressIndex(Address(path: "eve@home.example"))),
    ])
}
