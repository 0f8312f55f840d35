import Core
public import Spool
public import Store

/// Assembles traces of one queue ID from log, spool and database. Postfix reuses short ids once a message is gone, so
/// one id may belong to several messages.
public struct TraceAssembler {
    public private(set) var traces: [MessageTrace] = []
    private let queueID: String

    /// Milliseconds by which clocks and buffering may separate two records of one moment.
    private static let slack: Int64 = 5000

    /// `lines` are those of the queue ID, in the order of the log; `records` are of any host; `host` is this host's
    /// name.
    public init(
        queueID: String, lines: [MailLogLine], spool: [(area: Spool.Area, item: SpoolListing.Item)],
        records: [DeliveryRecord], host: String
    ) {
        self.queueID = queueID
        addPostfix(lines)
        addOwn(lines)
        for place in spool { add(place) }
        for record in records { add(record, host: host) }
        traces.sort { ($0.begin?.milliseconds ?? .max) < ($1.begin?.milliseconds ?? .max) }
    }

    // MARK: The log

    /// A message begins with its client and ends with its removal from the queue.
    private mutating func addPostfix(_ lines: [MailLogLine]) {
        var isOpen = false
        for line in lines {
            guard case .postfix(let event) = line.content else { continue }
            if case .arrived = event { isOpen = false }
            if !isOpen { traces.append(MessageTrace(queueID: queueID)) }
            isOpen = event != .removed
            traces[traces.count - 1].postfix.append((line.time, event))
        }
    }

    /// Groups lines that name the same entry, and assigns each group to the message that Postfix had at the time of its
    /// first line.
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
        // Without times, groups are assigned in order if there is one for each message.
        let inOrder = groups.count == traces.count && groups.allSatisfy { $0.lines[0].time == nil }
        for (number, group) in groups.enumerated() {
            let index =
                inOrder
                ? number
                : group.lines[0].time.flatMap { time in traces.firstIndex { $0.own.isEmpty && spans($0, time) } }
            if let index {
                traces[index].own = group.lines
            } else {
                var trace = MessageTrace(queueID: queueID)
                trace.own = group.lines
                traces.append(trace)
            }
        }
    }

    /// True if Postfix had the message at that time.
    private func spans(_ trace: MessageTrace, _ time: Timestamp) -> Bool {
        let times = trace.postfix.compactMap(\.time)
        guard let first = times.first, let last = times.last else { return false }
        return (first.milliseconds - Self.slack...last.milliseconds + Self.slack).contains(time.milliseconds)
    }

    // MARK: The spool and the database

    private mutating func add(_ place: (area: Spool.Area, item: SpoolListing.Item)) {
        guard let spooled = place.item.record else { return }
        let index =
            traces.firstIndex { $0.entry == spooled.entry }
            ?? traces.firstIndex { $0.own.isEmpty && $0.spool.isEmpty && spans($0, spooled.acceptedAt) } ?? append()
        traces[index].spool.append(place)
        traces[index].host = spooled.host
    }

    private mutating func add(_ record: DeliveryRecord, host: String) {
        let index =
            traces.firstIndex { $0.entry == record.entry && $0.record == nil }
            ?? traces.firstIndex { record.host == host && $0.record == nil && fits($0, record) } ?? append()
        traces[index].record = record
        traces[index].host = record.host
    }

    /// True if a trace without an entry fits the record of a message that was not stored.
    private func fits(_ trace: MessageTrace, _ record: DeliveryRecord) -> Bool {
        guard trace.spool.isEmpty, trace.own.allSatisfy({ $0.event.entry == nil }) else { return false }
        guard let end = trace.own.last(where: { $0.event.kind == .ended }) else {
            return trace.own.isEmpty && spans(trace, record.acceptedAt)
        }
        return end.event.outcome == record.outcome && (end.event.company ?? record.company) == record.company
            && (end.event.thread ?? record.thread) == record.thread
            && (end.time.map { abs($0.milliseconds - record.acceptedAt.milliseconds) <= 2 * Self.slack } ?? true)
    }

    private mutating func append() -> Int {
        traces.append(MessageTrace(queueID: queueID))
        return traces.count - 1
    }
}
