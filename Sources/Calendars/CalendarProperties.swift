import CLibical
import Glibc

/// The properties of one component, borrowed from its `CalendarComponent`.
struct CalendarProperties {
    private let component: OpaquePointer

    init(_ component: OpaquePointer) { self.component = component }

    func all(_ kind: icalproperty_kind) -> [OpaquePointer] {
        var found: [OpaquePointer] = []
        var next = icalcomponent_get_first_property(component, kind)
        while let property = next {
            found.append(property)
            next = icalcomponent_get_next_property(component, kind)
        }
        return found
    }

    func first(_ kind: icalproperty_kind) -> OpaquePointer? { icalcomponent_get_first_property(component, kind) }

    /// The values of all properties of that kind, on a line each; empty if there is none.
    func text(_ kind: icalproperty_kind) -> String {
        all(kind).map(Self.value).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The value of a property of a program's own, by its name in upper case.
    func text(named name: String) -> String {
        all(ICAL_X_PROPERTY)
            .first { icalproperty_get_property_name($0).map { String(cString: $0).uppercased() } == name }
            .map(Self.value) ?? ""
    }

    /// Without escapes and outer white space.
    private static func value(_ property: OpaquePointer) -> String {
        guard let value = icalproperty_get_value(property) else { return "" }
        let text =
            icalvalue_isa(value) == ICAL_TEXT_VALUE
            ? icalvalue_get_text(value) : icalproperty_get_value_as_string(property)
        return text.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: strlen($0)), as: UTF8.self) }?
            .trimmedLines ?? ""
    }

    /// A parameter's value, without quotes; nil if missing.
    static func parameter(_ name: String, of property: OpaquePointer) -> String? {
        guard let value = icalproperty_get_parameter_as_string(property, name) else { return nil }
        let text = String(cString: value)
        let isQuoted = text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"")
        return isQuoted ? String(text.dropFirst().dropLast()) : text
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmedLines: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
