import CLibical

/// Sole owner of a parsed calendar object. Used within `Libical.exclusively`.
struct CalendarComponent: ~Copyable {
    private let root: OpaquePointer

    /// Nil if libical reads no VCALENDAR.
    init?(parsing text: String) {
        guard let parsed = icalparser_parse_string(text) else { return nil }
        guard icalcomponent_isa(parsed) == ICAL_VCALENDAR_COMPONENT else {
            icalcomponent_free(parsed)
            return nil
        }
        root = parsed
    }

    deinit { icalcomponent_free(root) }

    /// The object's method, in upper case, and its events and tasks.
    func invitations(method parameter: String) -> (method: String, [Invitation]) {
        let own = CalendarProperties(root).text(ICAL_METHOD_PROPERTY)
        let method = (own.isEmpty ? parameter : own).uppercased()
        let all = components(ICAL_VEVENT_COMPONENT) + components(ICAL_VTODO_COMPONENT)
        let zones = CalendarZones(of: root)
        return (
            method,
            all.map { component in
                Invitation(
                    CalendarProperties(component), method: method, zones: zones,
                    isTask: icalcomponent_isa(component) == ICAL_VTODO_COMPONENT)
            }
        )
    }

    /// Borrowed from the object.
    private func components(_ kind: icalcomponent_kind) -> [OpaquePointer] {
        var found: [OpaquePointer] = []
        var next = icalcomponent_get_first_component(root, kind)
        while let component = next {
            found.append(component)
            next = icalcomponent_get_next_component(root, kind)
        }
        return found
    }
}
