import Synchronization

/// How many messages were let through unread since the start. Any thread.
final class Counters: Sendable {
    enum Event {
        /// No company on limited sync among sender and recipients: not even the header was seen.
        case unreadAtEnvelope
        /// No marker: the body was never sent to the filter.
        case unreadAtHeader
    }

    private let atEnvelope = Atomic(0)
    private let atHeader = Atomic(0)

    func count(_ event: Event) {
        switch event {
        case .unreadAtEnvelope: atEnvelope.add(1, ordering: .relaxed)
        case .unreadAtHeader: atHeader.add(1, ordering: .relaxed)
        }
    }

    subscript(event: Event) -> Int {
        switch event {
        case .unreadAtEnvelope: atEnvelope.load(ordering: .relaxed)
        case .unreadAtHeader: atHeader.load(ordering: .relaxed)
        }
    }
}
