import TestSupport
import Testing

/// Expects that a message was stored byte for byte as Postfix delivered it to each recipient, without the trace fields
/// that Postfix prepends.
func expectFaithful(
    _ queueID: String, _ host: MailHost, of tenant: MailHost.Tenant? = nil, copies: Int = 1,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let story = try await host.story(of: queueID)
    let stored = try host.export(story, of: tenant ?? host.acme)
    let messages = try await host.delivered(queueID, copies: copies)
    #expect(messages.count == copies, sourceLocation: sourceLocation)
    for message in messages {
        expectEqual(stored, message.untraced.withCRLF, sourceLocation: sourceLocation)
    }
    #expect(story.values["size"] == "\(stored.count)", sourceLocation: sourceLocation)
}

/// Compares messages; shows only where they first differ.
func expectEqual(_ stored: [UInt8], _ delivered: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
    guard stored != delivered else { return }
    let offset =
        zip(stored, delivered).enumerated().first { $1.0 != $1.1 }?.offset ?? min(stored.count, delivered.count)
    func around(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.dropFirst(max(0, offset - 30)).prefix(80), as: UTF8.self).debugDescription
    }
    Issue.record(
        """
        the messages differ at byte \(offset): stored \(stored.count) bytes \(around(stored)), \
        delivered \(delivered.count) bytes \(around(delivered))
        """, sourceLocation: sourceLocation)
}
