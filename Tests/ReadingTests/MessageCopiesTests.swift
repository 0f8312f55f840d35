import Core
import Reading
import Store
import Testing

@Suite struct MessageCopiesTests {
    private let index = [UInt8](repeating: 1, count: 16)

    private func entry(
        _ authentication: Authentication = .none, copy: [UInt8]?, thread: Int64 = 3, removedAt: Timestamp? = nil
    ) -> TimelineEntry {
        .sample(removedAt: removedAt, thread: thread, authentication: authentication, copyIndex: copy)
    }

    @Test func `copies of a thread are one, which stands where the first stood; the best authenticated is shown`() {
        let entries = [
            entry(.fail, copy: index), entry(copy: nil), entry(.pass, copy: index), entry(copy: nil),
            entry(.pass, copy: index), entry(.pass, copy: Array(repeating: 2, count: 16)),
        ]
        let groups = MessageCopies.grouping(entries)
        #expect(groups.map(\.shown.entry) == [2, 1, 3, 5].map { entries[$0].entry })
        #expect(groups.map(\.text) == ["3 copies differ", nil, nil, nil])
        #expect(groups[0].others.map(\.entry) == [0, 4].map { entries[$0].entry })
    }

    @Test func `the earliest is shown if no verdict is better`() {
        let entries = [entry(copy: index), entry(.fail, copy: index), entry(copy: index)]
        #expect(MessageCopies.grouping(entries).map(\.shown.entry) == [entries[0].entry])
    }

    @Test func `another thread's message and a removed one are no copies`() {
        let entries = [
            entry(copy: index), entry(copy: index, thread: 4),
            entry(copy: index, removedAt: Timestamp(milliseconds: 3000)),
        ]
        #expect(MessageCopies.grouping(entries).map(\.text) == [nil, nil, nil])
    }
}
