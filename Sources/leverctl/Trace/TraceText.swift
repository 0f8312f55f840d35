import Core
import Spool
import MessageTracing

/// One message's trace for a terminal, without a final line feed.
func traceText(_ trace: MessageTrace, _ search: TraceSearch, _ clock: ReaderClock) -> String {
    var lines = ["\(trace.queueID)\(trace.host.map { " on \($0)" } ?? ""): \(trace.state.name)"]
    lines += traceMeaning(trace, search).map { "  \($0)" }
    func field(_ name: String, _ value: String?) {
        guard let value else { return }
        lines.append("  \(name)\(String(repeating: " ", count: 11 - name.count))\(value)")
    }
    field("company", trace.company.map { id in "\(id)\(search.companies[id].map { " (\($0))" } ?? "")" })
    field("thread", trace.thread?.description)
    field("direction", trace.direction?.rawValue)
    field("matched", trace.matched.map { "\($0.rawValue): the marker was found in \($0.name)" })
    field("size", trace.size.map { counted($0, "byte") })
    field("entry", trace.entry?.description)
    field("accepted", trace.acceptedAt.map(clock.preciseText))
    field("spooled", trace.spooledAt.map(clock.preciseText))
    field("stored", trace.storedAt.map(clock.preciseText))
    for place in tracePlaces(trace) { field("is now", place) }
    field("reason", trace.reason)
    for step in traceSteps(trace) { field("log", "\(step.time.map(clock.preciseText) ?? "-")  \(step.text)") }
    return lines.map { $0.printable() }.joined(separator: "\n")
}

/// Sentences on what the state means, and what to do about it.
func traceMeaning(_ trace: MessageTrace, _ search: TraceSearch) -> [String] {
    switch trace.state {
    case .ended(let outcome):
        [outcome.sentence] + (outcome.advice == "nothing" ? [] : ["To do: \(outcome.advice)."])
    case .waiting:
        [
            "It was captured, and is sealed and durable in this host's spool. The database does not have it yet.",
            "To do: leverctl queue list shows how much is waiting; the log says whether the database is unavailable.",
        ]
    case .delivered: ["The database has it: as an entry of the timeline, or as a duplicate of one."]
    case .spooled:
        ["It was captured into this host's spool. No readable source says what happened to it after that."]
    case .unknown: ["This leverctl does not know the outcome; install the newer version."]
    case .notInspected: traceNotInspected(trace, search)
    }
}

/// Why the filter may have left no record of a message that Postfix had.
private func traceNotInspected(_ trace: MessageTrace, _ search: TraceSearch) -> [String] {
    var sentences = ["Postfix had the message, and lever-milter left no record of it."]
    var domains: Set<String> = []
    for (_, event) in trace.postfix {
        switch event {
        case .queued(let domain?), .delivery(_, let domain?): domains.insert(domain)
        default: break
        }
    }
    if let routing = search.routing, !domains.isEmpty {
        let limited = domains.filter { routing.company(domain: $0)?.sync == .limited }.sorted()
        if limited.isEmpty {
            sentences.append(
                "No domain in its envelope belongs to a company on limited sync, so not even its header was seen."
            )
            sentences.append("To do: if one should be, leverctl company list shows domains and sync levels.")
        } else {
            sentences.append(
                "\(limited.joined(separator: ", ")) is in its envelope and on limited sync. So its header had no "
                    + "marker where "
                    + "one counts, or Postfix did not call the filter, or the log with the outcome was not searched.")
            sentences.append(
                "To do: leverctl trace --file with the message says whether it has a marker; 'postconf smtpd_milters "
                    + "non_smtpd_milters' says whether Postfix calls the filter.")
        }
    } else {
        sentences.append(
            "No company on limited sync was in its envelope, or its header had no marker where one counts, or "
                + "Postfix did not call the "
                + "filter.")
        sentences.append("To do: leverctl trace --file with the message says which.")
    }
    return sentences
}

/// The places where the message is now.
func tracePlaces(_ trace: MessageTrace) -> [String] {
    var places = trace.spool.map { place in
        let path = "\(place.area.rawValue)/\(place.item.name)"
        return switch place.area {
        case .new: "spool \(path): waits for the database"
        case .redeliver: "spool \(path): waits for redelivery to the database"
        case .delivered: "spool \(path): delivered, kept for a while in case the database loses it"
        default: "spool \(path): held for an operator; \(place.item.reason ?? "no reason was recorded")"
        }
    }
    switch trace.state {
    case .ended(.captured):
        places.append("database: \(trace.entry.map { "timeline entry \($0)" } ?? "on the timeline")")
    case .ended(.duplicate): places.append("database: on the timeline, as the entry of the mail that came first")
    case .ended(.erased): places.append("nowhere: it was erased")
    default: break
    }
    if places.isEmpty, case .ended = trace.state { places.append("nowhere here: it passed and was not stored") }
    return places
}

/// The steps in the log, in order, without addresses.
func traceSteps(_ trace: MessageTrace) -> [(time: Timestamp?, text: String)] {
    let own = trace.own.map { ($0.time, describe($0.event)) }
    let postfix = trace.postfix.map { ($0.time, describe($0.event)) }
    return (postfix + own).enumerated().sorted { one, other in
        let (first, second) = (one.element.0?.milliseconds ?? .max, other.element.0?.milliseconds ?? .max)
        return first == second ? one.offset < other.offset : first < second
    }.map { (time: $0.element.0, text: $0.element.1) }
}

private func describe(_ event: FilterEvent) -> String {
    switch event.kind {
    case .spooled: "lever-milter: sealed and durable in the spool"
    case .ended: "lever-milter: \(event.values["outcome"] ?? "")"
    case .erased: "lever-milter: removed \(event.values["removed"] ?? ""), because it was erased"
    case .other: "lever-milter: another line"
    }
}

private func describe(_ event: PostfixEvent) -> String {
    switch event {
    case .arrived(local: false): "Postfix: received it from a client"
    case .arrived(local: true): "Postfix: received it from a program on this machine"
    case .messageID: "Postfix: read its Message-ID"
    case .rejected(let stage, let code): "Postfix: rejected at \(stage) by a filter (\(code))"
    case .queued: "Postfix: in the queue"
    case .delivery(let status, _): "Postfix: \(status) for a recipient"
    case .removed: "Postfix: removed from the queue, all recipients done"
    }
}

/// Possible reasons why nothing was found.
func traceNothing(_ search: TraceSearch, queueID: String?) -> String {
    let what = queueID.map { "queue ID \($0)" } ?? "that Message-ID"
    let unseen = search.sources.filter { $0.found == nil }.map { "\($0.name) \($0.place)" }
    return """
        Nothing was found for \(what). Possible reasons:
          - lever-milter did not inspect the message: no company on limited sync was sender or recipient, or its header had no
            marker where one counts (In-Reply-To, References).
          - Postfix did not call the filter: 'postconf smtpd_milters non_smtpd_milters' says whether it does.
          - Another mail host received it: search there, or set 'operator_database' to search all hosts.
          - It is too old: the log was rotated (--log FILE, also .gz), or the delivery log has expired.
        \(unseen.isEmpty ? "" : "  - It is in a source that could not be searched: \(unseen.joined(separator: ", ")).\n")\
        To do: leverctl trace --file with the message shows what would be decided about it, and why.
        """.printable(keepingLines: true)
}
