import Core
public import Spool
public import Store

/// Puts together what several sources say of one queue ID. Postfix uses short ids again once a message is gone, so one
/// id may have several stories.
public struct TraceAssembler {
    public private(set) var stories: [MessageTrace] = []
    private let queueID: String

    /// Milliseconds that clocks and buffers may put between two words about one moment.
    private static let slack: Int64 = 5000

    /// `lines` as they were logged, of that queue ID alone; `records` of any host; `host`: what this one is called.
    public init(
        queueID: String, lines: [MailLogLine], spool: [(area: Spool.Area, item: SpoolListing.Item)],
        records: [DeliveryRecord], host: String
    ) {
        self.queueID = queueID
        addPostfix(lines)
        addOwn(lines)
        for place in spool { add(place) }
        for record in records { add(record, host: host) }
        stories.sort { ($0.begin?.milliseconds ?? .max) < ($1.begin?.milliseconds ?? .max) }
    }

    // MARK: The log

    /// A message begins with who brought it, and ends with its removal.
    private mutating func addPostfix(_ lines: [MailLogLine]) {
        var isOpen = false
        for line in lines {
            guard case .postfix(let event) = line.content else { continue }
            if case .arrived = event { isOpen = false }
            if !isOpen { stories.append(MessageTrace(queueID: queueID)) }
            isOpen = event != .removed
            stories[stories.count - 1].postfix.append((line.time, event))
        }
    }

    /// Lines that name an entry belong together, and the first of them, as every other one, to the message that Postfix
    /// had at that time.
    private mutating func addOwn(_ lines: [MailLogLine]) {
        var groups: [(entry: EntryID?, lines: [(time: Timestamp?, event: FilterEvent)])] = []
        for line in lines {
            guard case .own(let event) = line.content else { continue }
            let entry = event.entry
            if let index = groups.lastIndex(where: { entry != nil && $0.entry == entry }) {
                groups[index].lines.append((line.time, event))
            } else if event.kind == .other, let last = groups.indices.last {
                groups[last].lines.append((line.time, event))
            } else {
                groups.append((entry, [(line.time, event)]))
            }
        }
        // Without times: in their order, if there is one for each.
        let inOrder = groups.count == stories.count && groups.allSatisfy { $0.lines[0].time == nil }
        for (number, group) in groups.enumerated() {
            let index =
                inOrder
                ? number
                : group.lines[0].time.flatMap { time in stories.firstIndex { $0.own.isEmpty && spans($0, time) } }
            if let index {
                stories[index].own = group.lines
            } else {
                var story = MessageTrace(queueID: queueID)
                story.own = group.lines
                stories.append(story)
            }
        }
    }

    /// Whether Postfix had the message then.
    private func spans(_ story: MessageTrace, _ time: Timestamp) -> Bool {
        let times = story.postfix.compactMap(\.time)
        guard let first = times.first, let last = times.last else { return false }
        return (first.milliseconds - Self.slack...last.milliseconds + Self.slack).contains(time.milliseconds)
    }

    // MARK: The spool and the database

    private mutating func add(_ place: (area: Spool.Area, item: SpoolListing.Item)) {
        guard let header = place.item.header else { return }
        let index =
            stories.firstIndex { $0.entry == header.entry }
            ?? stories.firstIndex { $0.own.isEmpty && $0.spool.isEmpty && spans($0, header.acceptedAt) } ?? append()
        stories[index].spool.append(place)
        stories[index].host = header.host
    }

    private mutating func add(_ record: DeliveryRecord, host: String) {
        let index =
            stories.firstIndex { $0.entry == record.entry && $0.record == nil }
            ?? stories.firstIndex { record.host == host && $0.record == nil && tells($0, record) } ?? append()
        stories[index].record = record
        stories[index].host = record.host
    }

    /// Whether a story without an entry is that of a message that was not stored.
    private func tells(_ story: MessageTrace, _ record: DeliveryRecord) -> Bool {
        guard story.spool.isEmpty, story.own.allSatisfy({ $0.event.entry == nil }) else { return false }
        guard let end = story.own.last(where: { $0.event.kind == .ended }) else {
            return story.own.isEmpty && spans(story, record.acceptedAt)
        }
        return end.event.outcome == record.outcome && (end.event.company ?? record.company) == record.company
            && (end.event.thread ?? record.thread) == record.thread
            && (end.time.map { abs($0.milliseconds - record.acceptedAt.milliseconds) <= 2 * Self.slack } ?? true)
    }

    private mutating func append() -> Int {
        stories.append(MessageTrace(queueID: queueID))
        return stories.count - 1
    }
}
