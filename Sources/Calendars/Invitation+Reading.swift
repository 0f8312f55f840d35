import CLibical

extension Invitation {
    /// Reads one VEVENT or VTODO. Used within `Libical.exclusively`.
    init(_ properties: CalendarProperties, method: String, zones: CalendarZones, isTask: Bool) {
        self.isTask = isTask
        summary = properties.text(ICAL_SUMMARY_PROPERTY)
        location = properties.text(ICAL_LOCATION_PROPERTY)
        comment = properties.text(ICAL_COMMENT_PROPERTY)
        description = properties.text(ICAL_DESCRIPTION_PROPERTY)
        uid = properties.text(ICAL_UID_PROPERTY)
        url = properties.text(ICAL_URL_PROPERTY)
        sequence = properties.first(ICAL_SEQUENCE_PROPERTY).map { Int(icalproperty_get_sequence($0)) } ?? 0
        conference =
            [
                properties.text(ICAL_CONFERENCE_PROPERTY), properties.text(named: "X-GOOGLE-CONFERENCE"),
                properties.text(named: "X-MICROSOFT-SKYPETEAMSMEETINGURL"),
                properties.text(named: "X-MICROSOFT-ONLINEMEETINGCONFLINK"),
            ].first { !$0.isEmpty } ?? ""
        recurrence = properties.all(ICAL_RRULE_PROPERTY).compactMap { property in
            icalproperty_get_value_as_string(property).map { Recurrence.words(String(cString: $0)) }
        }.joined(separator: "; ")

        let start = properties.first(ICAL_DTSTART_PROPERTY)
        self.start = zones.moment(start)
        let end = properties.first(isTask ? ICAL_DUE_PROPERTY : ICAL_DTEND_PROPERTY)
        self.end = zones.moment(end) ?? Self.end(of: start, properties.first(ICAL_DURATION_PROPERTY), zones)
        occurrence = zones.moment(properties.first(ICAL_RECURRENCEID_PROPERTY))
        organizer = properties.first(ICAL_ORGANIZER_PROPERTY).map(Person.init)
        attendees = properties.all(ICAL_ATTENDEE_PROPERTY).map(Person.init)
        status = Self.status(
            method: method, isCancelled: properties.text(ICAL_STATUS_PROPERTY).uppercased() == "CANCELLED",
            answer: attendees.first?.participation ?? "", isFirst: sequence == 0)
    }

    private static func status(method: String, isCancelled: Bool, answer: String, isFirst: Bool) -> Status {
        switch method {
        case "CANCEL": .cancelled
        case "REPLY":
            switch answer {
            case "accepted", "completed", "in-process": .accepted
            case "declined": .declined
            case "tentative": .tentative
            case "delegated": .delegated
            default: .answered
            }
        case "COUNTER": .counterProposal
        case "DECLINECOUNTER": .counterProposalDeclined
        case "REFRESH": .refreshRequested
        case _ where isCancelled: .cancelled
        case "ADD": .added
        case "REQUEST": isFirst ? .invited : .updated
        default: .published
        }
    }

    /// The end of an event that has a duration.
    private static func end(
        of start: OpaquePointer?, _ duration: OpaquePointer?, _ zones: CalendarZones
    ) -> CalendarMoment? {
        guard let start, let duration, let first = zones.moment(start), let from = icalproperty_get_value(start),
            let value = icalproperty_get_value(duration), icalvalue_isa(value) == ICAL_DURATION_VALUE
        else { return nil }
        let length = icalvalue_get_duration(value)
        // Longer ones are no meetings, and overflow the library's sums.
        guard icaldurationtype_is_bad_duration(length) == 0, length.weeks < 1_000, length.days < 10_000,
            length.hours < 100_000, length.minutes < 1_000_000, length.seconds < 100_000_000
        else { return nil }
        let time = icalvalue_get_datetimedate(from)
        let name = first.isDate ? nil : CalendarProperties.parameter("TZID", of: start)
        return zones.moment(icaltime_add(time, length), zone: name)
    }
}

extension Invitation.Person {
    init(_ property: OpaquePointer) {
        let value = icalproperty_get_value_as_string(property).map { String(cString: $0) } ?? ""
        let isMail = value.prefix(7).lowercased() == "mailto:"
        // Exchange names those without a mail address by a path, with the address as a parameter.
        address = CalendarProperties.parameter("EMAIL", of: property) ?? (isMail ? String(value.dropFirst(7)) : value)
        name = CalendarProperties.parameter("CN", of: property) ?? ""
        participation = (CalendarProperties.parameter("PARTSTAT", of: property) ?? "").lowercased()
    }
}
