extension Invitation {
    /// The invitation for people, a fact a line: what, when, where, who, and what they say about it.
    ///
    /// - Parameter zone: The reader's time zone, an IANA name; UTC if it is none. Times are the reader's, followed by
    ///   the organizer's if those differ.
    public func lines(zone: String) -> [String] {
        var lines = [title]
        func add(_ name: String, _ value: String) {
            guard !value.isEmpty else { return }
            lines.append("\(name): \(value.split(whereSeparator: \.isNewline).joined(separator: "\n  "))")
        }
        add(isTask ? "Due" : "When", Libical.exclusively { isTask ? due(zone) : when(zone) })
        if let occurrence { add("Occurrence", Libical.exclusively { CalendarSpan(occurrence, nil).text(zone) }) }
        add("Repeats", recurrence)
        add("Where", location)
        if !location.contains(conference) { add("Join", conference) }
        if status == .accepted || status == .declined || status == .tentative || status == .delegated {
            add("Answer of", attendees.map(\.nameAndAddress).joined(separator: ", "))
            add("Organizer", organizer?.nameAndAddress ?? "")
        } else {
            add("Organizer", organizer?.nameAndAddress ?? "")
            add("Invited", attendees.map(\.text).joined(separator: ", "))
        }
        add("Comment", comment)
        if !url.isEmpty, url != conference, !description.contains(url) { add("Link", url) }
        guard !description.isEmpty else { return lines }
        return lines + [""] + description.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private var title: String {
        let thing = isTask ? "Task" : "Event"
        let verb =
            switch status {
            case .invited: isTask ? "Task assigned" : "Invitation"
            case .updated: isTask ? "Task updated" : "Updated invitation"
            case .accepted: "Accepted"
            case .declined: "Declined"
            case .tentative: "Tentatively accepted"
            case .delegated: "Delegated"
            case .cancelled: "Cancelled"
            case .published: thing
            case .counterProposal: "New time proposed"
            case .counterProposalDeclined: "Proposed time declined"
            case .added: "Added to a series"
            case .refreshRequested: "Asks for the current version"
            case .answered: "Answer"
            }
        let subject = summary.split(whereSeparator: \.isNewline).joined(separator: " ")
        return "\(verb): \(subject.isEmpty ? "(no subject)" : subject)"
    }

    private func when(_ zone: String) -> String {
        start.map { CalendarSpan($0, end).text(zone) } ?? end.map { "until " + CalendarSpan($0, nil).text(zone) } ?? ""
    }

    private func due(_ zone: String) -> String {
        (end ?? start).map { CalendarSpan($0, nil).text(zone) } ?? ""
    }
}

extension Invitation.Person {
    /// `Name <address>`, or the one of them that there is.
    public var nameAndAddress: String {
        name.isEmpty || name == address ? address : address.isEmpty ? name : "\(name) <\(address)>"
    }

    /// With the answer, if there is one.
    fileprivate var text: String {
        ["", "needs-action"].contains(participation) ? nameAndAddress : "\(nameAndAddress) (\(participation))"
    }
}
