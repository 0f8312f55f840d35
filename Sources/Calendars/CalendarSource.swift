/// A calendar object's source, prepared for libical: unfolded (RFC 5545 section 3.1), well nested, and with only the
/// components and properties that are read. So the library's work is linear, and its stack and memory are bounded,
/// whatever a sender makes: inline attachments, alarms, long lists of dates and deep nesting never reach it.
///
/// A plain value.
struct CalendarSource {
    /// Content lines that end in CRLF; empty if there is no event and no task.
    private(set) var text = ""
    /// Events and tasks beyond `CalendarLimits.components`.
    private(set) var omittedComponents = 0

    private var open: [String] = []
    /// Components open inside one that is left out.
    private var skipped = 0
    private var zone: ZoneSource?
    private var zones = 0
    private var components = 0
    private var attendees = 0

    init(_ bytes: [UInt8]) {
        for line in Self.unfolded(bytes.prefix(CalendarLimits.source)) {
            // A part holds one object (RFC 6047 section 2.4).
            guard add(line) else { break }
        }
        while !open.isEmpty { _ = add(Array("END:\(open.last!)".utf8)) }
        if components == 0 { text = "" }
    }

    /// False once the object is complete.
    private mutating func add(_ line: [UInt8]) -> Bool {
        let name = Self.name(of: line)
        switch name {
        case "BEGIN":
            begin(Self.value(of: line))
        case "END":
            return end(Self.value(of: line))
        case _ where skipped > 0 || open.isEmpty:
            break
        case _ where zone != nil:
            zone!.add(name: name, line)
        default:
            addProperty(name, line)
        }
        return true
    }

    private mutating func begin(_ name: String) {
        let isAllowed =
            switch name {
            case "VCALENDAR": open.isEmpty
            case "VTIMEZONE": open.count == 1 && zones < CalendarLimits.zones
            case "STANDARD", "DAYLIGHT": zone != nil && open.last == "VTIMEZONE"
            case "VEVENT", "VTODO": open.count == 1
            default: false
            }
        guard skipped == 0, isAllowed else {
            if !open.isEmpty { skipped += 1 }
            return
        }
        if name == "VEVENT" || name == "VTODO" {
            guard components < CalendarLimits.components else {
                omittedComponents += 1
                skipped += 1
                return
            }
            components += 1
        }
        open.append(name)
        if name == "VTIMEZONE" { zone = ZoneSource() }
        if zone != nil { zone!.begin(name) } else { append("BEGIN:\(name)") }
    }

    private mutating func end(_ name: String) -> Bool {
        if skipped > 0 {
            skipped -= 1
            return true
        }
        guard open.last == name else { return true }
        open.removeLast()
        if zone != nil {
            zone!.end(name)
            if name == "VTIMEZONE" {
                zones += 1
                if zone!.isUsable { text += zone!.text }
                zone = nil
            }
        } else {
            append("END:\(name)")
        }
        return !open.isEmpty
    }

    private mutating func addProperty(_ name: String, _ line: [UInt8]) {
        if Self.texts.contains(name) {
            append(Self.decoded(line, limit: CalendarLimits.text))
        } else if Self.values.contains(name), line.count <= CalendarLimits.line {
            if name == "ATTENDEE" { attendees += 1 }
            if attendees <= CalendarLimits.attendees || name != "ATTENDEE" { append(Self.decoded(line)) }
        }
    }

    private mutating func append(_ line: String) { text += line + "\r\n" }

    private static let texts: Set<String> = ["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT"]
    private static let values: Set<String> = [
        "METHOD", "VERSION", "UID", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "DUE", "DURATION", "RRULE",
        "RECURRENCE-ID", "ORGANIZER", "ATTENDEE", "URL", "CONFERENCE", "X-GOOGLE-CONFERENCE",
        "X-MICROSOFT-SKYPETEAMSMEETINGURL", "X-MICROSOFT-ONLINEMEETINGCONFLINK",
    ]
}

extension CalendarSource {
    /// The content lines, folds removed. On bytes: programs fold within a character.
    private static func unfolded(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for line in bytes.split(omittingEmptySubsequences: true, whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
            if line.first == 0x20 || line.first == 0x09, !lines.isEmpty {
                lines[lines.count - 1] += line.dropFirst()
            } else {
                guard lines.count < CalendarLimits.lines else { break }
                lines.append(Array(line))
            }
        }
        return lines
    }

    /// The property's name, in upper case.
    static func name(of line: [UInt8]) -> String {
        let name = line.prefix(80).prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ";") }
        return String(decoding: name, as: UTF8.self).uppercased().trimmed
    }

    static func value(of line: [UInt8]) -> String {
        let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst().prefix(80)
        return String(decoding: value, as: UTF8.self).uppercased().trimmed
    }

    /// Without control characters, which no property may have.
    static func decoded(_ line: [UInt8], limit: Int = .max) -> String {
        var line = line
        let isCut = line.count > limit
        if isCut {
            line = Array(line.prefix(limit))
            // Not within a character, nor within an escape.
            while let last = line.last, last & 0xc0 == 0x80 { line.removeLast() }
            if line.last.map({ $0 >= 0xc0 || $0 == UInt8(ascii: "\\") }) ?? false { line.removeLast() }
        }
        line.removeAll { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }
        return String(decoding: line, as: UTF8.self) + (isCut ? "…" : "")
    }
}

extension String {
    /// Without blanks and tabs at both ends.
    var trimmed: String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
