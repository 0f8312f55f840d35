import Core
import Testing

@Suite struct UnsignedMarkerTests {
    private func find(_ fields: [(String, String)]) -> (id: String, field: MarkerField)? {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: name.utf8, value: " \(value)".utf8) }
        return UnsignedMarker(header, domains: ["hire.lever.co"]).map {
            (String(decoding: $0.id, as: UTF8.self), $0.field)
        }
    }

    @Test(
        arguments: [
            ([("References", "<a@x.example> <T1@HIRE.lever.co> <t2@hire.lever.co>")], "T1@hire.lever.co", .references),
            (
                [("In-Reply-To", "<t2@hire.lever.co>"), ("References", "<t1@hire.lever.co>")], "t1@hire.lever.co",
                .references
            ),
            ([("In-Reply-To", "<t1@hire.lever.co>")], "t1@hire.lever.co", .inReplyTo),
            ([("Message-ID", "<t1@hire.lever.co>")], "t1@hire.lever.co", .messageID),
            (
                [("Message-ID", "<1@outlook.example>"), ("X-Microsoft-Original-Message-ID", "<t1@hire.lever.co>")],
                "t1@hire.lever.co", .microsoftOriginalID
            ),
        ] as [([(String, String)], String, MarkerField)])
    func `the first id at a marker domain is the thread's`(
        _ fields: [(String, String)], _ id: String, _ field: MarkerField
    ) throws {
        let found = try #require(find(fields))
        #expect(found.id == id && found.field == field)
    }

    @Test(
        arguments: [
            [("References", "<t1@lever.co> <t1@evil-hire.lever.co.example>")],
            // Its own id counts only on originals.
            [("In-Reply-To", "<a@x.example>"), ("Message-ID", "<t1@hire.lever.co>")],
            [("Subject", "<t1@hire.lever.co>")],
            // A damaged marker of ours is not an external one.
            [("References", "<lv1.aeaaaa@hire.lever.co>")],
            [("References", "<LV1.x@hire.lever.co>")],
            [("References", "<@hire.lever.co>")],
        ] as [[(String, String)]])
    func `nothing else is an external marker`(_ fields: [(String, String)]) {
        #expect(find(fields) == nil)
    }
}
