import Core
import Spool
import MessageTracing

/// One story on a terminal, without a final line feed.
func traceText(_ story: MessageTrace, _ search: TraceSearch) -> String {
    var lines = ["\(story.queueID)\(story.host.map { " on \($0)" } ?? ""): \(story.state.name)"]
    lines += traceMeaning(story, search).map { "  \($0)" }
    func field(_ name: String, _ value: String?) {
        guard let value else { return }
        lines.append("  \(name)\(String(repeating: " ", count: 11 - name.count))\(value)")
    }
    field("company", story.company.map { id in "\(id)\(search.companies[id].map { " (\($0))" } ?? "")" })
    field("thread", story.thread?.description)
    field("direction", story.direction?.rawValue)
    field("matched", story.matched.map { "\($0.rawValue): the marker was found in \($0.name)" })
    field("size", story.size.map { counted($0, "byte") })
    field("entry", story.entry?.description)
    field("accepted", story.acceptedAt?.description)
    field("spooled", story.spooledAt?.description)
    field("stored", story.storedAt?.description)
    for place in tracePlaces(story) { field("is now", place) }
    field("reason", story.reason)
    for step in traceSteps(story) { field("log", "\(step.time?.description ?? "-")  \(step.text)") }
    return lines.map { $0.printable() }.joined(separator: "\n")
}

/// What the state means, in sentences, and what to do about it.
func traceMeaning(_ story: MessageTrace, _ search: TraceSearch) -> [String] {
    switch story.state {
    case .ended(let outcome):
        [outcome.sentence] + (outcome.advice == "nothing" ? [] : ["To do: \(outcome.advice)."])
    case .waiting:
        [
            "It was captured, and is sealed and durable in this host's spool. The database does not have it yet.",
            "To do: leverctl queue list shows how much waits; the log says whether the database is unavailable.",
        ]
    case .delivered: ["The database has it: as an entry of the timeline, or as a duplicate of one."]
    case .spooled:
        ["It was captured and in this host's spool. Nothing that could be asked says what became of it after that."]
    case .unknown: ["This leverctl does not know the outcome; install the newer one."]
    case .notInspected: traceNotInspected(story, search)
    }
}

/// Why the filter may have left no word about a message that Postfix had.
private func traceNotInspected(_ story: MessageTrace, _ search: TraceSearch) -> [String] {
    var sentences = ["Postfix had the message, and lever-milter left no word about it."]
    var domains: Set<String> = []
    for (_, event) in story.postfix {
        switch event {
        case .queued(let domain?), .delivery(_, let domain?): domains.insert(domain)
        default: break
        }
    }
    if let routing = search.routing, !domains.isEmpty {
        let limited = domains.filter { routing.company(domain: $0)?.sync == .limited }.sorted()
        if limited.isEmpty {
            sentences.append(
                "None of the domains in its envelope is that of a company on limited sync: not even its header was seen."
            )
            sentences.append("To do: if one should be, leverctl company list shows domains and sync levels.")
        } else {
            sentences.append(
                "\(limited.joined(separator: ", ")) is in its envelope and on limited sync. So its header had no marker where "
                    + "one counts, or Postfix did not ask the filter, or the log that says more was not at hand.")
            sentences.append(
                "To do: leverctl trace --file with the message says whether it has a marker; 'postconf smtpd_milters "
                    + "non_smtpd_milters' says whether Postfix asks.")
        }
    } else {
        sentences.append(
            "No company on limited sync took part, or its header had no marker where one counts, or Postfix did not ask the "
                + "filter.")
        sentences.append("To do: leverctl trace --file with the message says which.")
    }
    return sentences
}

/// Where the message is.
func tracePlaces(_ story: MessageTrace) -> [String] {
    var places = story.spool.map { place in
        let path = "\(place.area.rawValue)/\(place.item.name)"
        return switch place.area {
        case .new: "spool \(path): waits for the database"
        case .redeliver: "spool \(path): waits to be brought to the database again"
        case .delivered: "spool \(path): delivered, kept for a while should the database lose it"
        default: "spool \(path): kept until somebody decides; \(place.item.reason ?? "nobody wrote down why")"
        }
    }
    switch story.state {
    case .ended(.captured):
        places.append("database: \(story.entry.map { "timeline entry \($0)" } ?? "on the timeline")")
    case .ended(.duplicate): places.append("database: on the timeline, as the entry of the mail that came first")
    case .ended(.erased): places.append("nowhere: it was erased")
    default: break
    }
    if places.isEmpty, case .ended = story.state { places.append("nowhere here: it passed and was not stored") }
    return places
}

/// What the log says, in its order, without addresses.
func traceSteps(_ story: MessageTrace) -> [(time: Timestamp?, text: String)] {
    let own = story.own.map { ($0.time, describe($0.event)) }
    let postfix = story.postfix.map { ($0.time, describe($0.event)) }
    return (postfix + own).enumerated().sorted { one, other in
        let (first, second) = (one.element.0?.milliseconds ?? .max, other.element.0?.milliseconds ?? .max)
        return first == second ? one.offset < other.offset : first < second
    }.map { (time: $0.element.0, text: $0.element.1) }
}

private func describe(_ event: FilterEvent) -> String {
    switch event.kind {
    case .spooled: "lever-milter: sealed and durable in the spool"
    case .ended: "lever-milter: \(event.values["outcome"] ?? "")"
    case .erased: "lever-milter: removed \(event.values["removed"] ?? ""), since it was erased"
    case .other: "lever-milter: said something else"
    }
}

private func describe(_ event: PostfixEvent) -> String {
    switch event {
    case .arrived(local: false): "Postfix: a client brought it"
    case .arrived(local: true): "Postfix: a program on this machine handed it in"
    case .messageID: "Postfix: read its Message-ID"
    case .rejected(let stage, let code): "Postfix: refused at \(stage) on a filter's word (\(code))"
    case .queued: "Postfix: in the queue"
    case .delivery(let status, _): "Postfix: \(status) for a recipient"
    case .removed: "Postfix: removed from the queue, its work is done"
    }
}

/// What it means that there is nothing at all.
func traceNothing(_ search: TraceSearch, queueID: String?) -> String {
    let what = queueID.map { "queue ID \($0)" } ?? "that Message-ID"
    let unseen = search.sources.filter { $0.found == nil }.map { "\($0.name) \($0.place)" }
    return """
        Nothing is known of \(what). One of these:
          - lever-milter did not inspect the message: no company on limited sync was sender or recipient, or its header had no
            marker where one counts (In-Reply-To, References).
          - Postfix did not ask the filter: 'postconf smtpd_milters non_smtpd_milters' says whether it does.
          - It came by another mail host: ask there, or with 'operator_database' for all hosts.
          - It was long ago: the log was rotated (--log FILE, .gz too), the delivery log is kept for some days.
        \(unseen.isEmpty ? "" : "  - It is where this could not look: \(unseen.joined(separator: ", ")).\n")\
        To do: leverctl trace --file with the message says what would be decided about it, and why.
        """.printable(keepingLines: true)
}
