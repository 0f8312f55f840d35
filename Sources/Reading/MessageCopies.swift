import Core
public import Store

/// Entries of one thread that are copies of one message: they have Message-ID, Date and author in common, and a relay
/// or an attacker made them differ. Readers show them as one, and say so.
public struct MessageCopies: Sendable {
    /// The one that is shown for all: that with the best verdict on its author, the earliest if several have it.
    public let shown: TimelineEntry
    /// In the order in which they were given.
    public let others: [TimelineEntry]

    /// Of more than one.
    public var text: String? { others.isEmpty ? nil : "\(others.count + 1) copies differ" }

    /// Groups entries, oldest first; a group stands where its first entry stood.
    public static func grouping(_ entries: [TimelineEntry]) -> [MessageCopies] {
        struct Key: Hashable {
            let thread: Int64
            let copy: [UInt8]
        }
        var groups: [[TimelineEntry]] = []
        var places: [Key: Int] = [:]
        for entry in entries {
            guard let copy = entry.copyIndex, entry.removedAt == nil else {
                groups.append([entry])
                continue
            }
            let key = Key(thread: entry.thread.rawValue, copy: copy)
            if let place = places[key] {
                groups[place].append(entry)
            } else {
                places[key] = groups.count
                groups.append([entry])
            }
        }
        return groups.map(MessageCopies.init)
    }

    private init(_ entries: [TimelineEntry]) {
        // The first of several: `max` would take the last.
        let best = entries.map(\.authentication.rank).max()!
        let shown = entries.first { $0.authentication.rank == best }!
        self.shown = shown
        others = entries.filter { $0.entry != shown.entry }
    }
}

extension Authentication {
    /// The better, the higher.
    fileprivate var rank: Int {
        switch self {
        case .fail: 0
        case .none: 1
        case .pass: 2
        }
    }
}
