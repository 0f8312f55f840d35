import Core
import Inspection
import Sealing

/// A marker in a message that does not count, and why: it stands where none counts, or it is damaged. `leverctl trace
/// --file` shows it to people who wonder why a message is not captured.
///
/// BUGS: what is in a body in base64 is not looked at.
public struct UncountedMarker: Hashable, Sendable {
    /// The name of a header field, or `body`.
    public let place: String
    /// What is wrong, as a sentence.
    public let text: String
    /// What to do about it.
    public let advice: String

    /// Of one place.
    private static let limit = 8

    /// In the order in which they stand, each once. Throws `CryptoError` if OpenSSL fails.
    static func all(in message: MessageFile, rules: InspectionContext) throws -> [UncountedMarker] {
        let header = message.header.fields
        let fields = ThreadFields(header)
        var found: [UncountedMarker] = []
        func add(_ marker: UncountedMarker) { if !found.contains(marker) { found.append(marker) } }
        let counted = Set(Marker.scan(fields, domains: rules.markerDomains).map(\.marker))
        for (name, value) in header.all {
            let field = MarkerField.allCases.first { $0.name.lowercased() == name.lowercased() }
            for likeness in MarkerLikeness.all(in: value, domains: rules.markerDomains, limit: limit) {
                if case .whole(let marker) = likeness.form, field != nil, counted.contains(marker) { continue }
                let place = Place(field: field, name: name, isOriginal: fields.isOriginal)
                add(try UncountedMarker(likeness.form, in: place, rules))
            }
        }
        for likeness in MarkerLikeness.all(in: message.body, domains: rules.markerDomains, limit: limit) {
            add(try UncountedMarker(likeness.form, in: .body, rules))
        }
        return found
    }

    private enum Place {
        case counting(String)
        /// A field that counts in originals, and the message is an answer.
        case original(String)
        case other(String)
        case body

        init(field: MarkerField?, name: String, isOriginal: Bool) {
            switch field {
            case nil: self = .other(name)
            case .inReplyTo, .references: self = .counting(name)
            default: self = isOriginal ? .counting(name) : .original(name)
            }
        }

        var name: String {
            switch self {
            case .counting(let name), .original(let name), .other(let name): name
            case .body: "body"
            }
        }

        /// As the object of a sentence.
        var phrase: String { if case .body = self { "the body" } else { name } }
    }

    private init(_ form: MarkerLikeness.Form, in place: Place, _ rules: InspectionContext) throws {
        self.place = place.name
        let letters = MarkerLikeness.letters
        switch form {
        case .whole(let marker):
            let subject = try Self.subject(marker, rules)
            (text, advice) = Self.misplaced(subject, place)
        case .cut(let count):
            text = "a marker in \(place.phrase) is cut: \(count) of its \(letters) letters are left"
            advice = Self.damage
        case .grown:
            text = "a marker in \(place.phrase) has more than its \(letters) letters"
            advice = Self.damage
        case .altered:
            text = "a marker in \(place.phrase) was altered: it has a letter that no marker has"
            advice = Self.damage
        case .withoutDomain:
            text = "a marker in \(place.phrase) has lost its domain"
            advice = Self.damage
        case .otherDomain:
            text =
                "a marker in \(place.phrase) has a domain that is none of marker_domains "
                + "(\(rules.markerDomains.joined(separator: ", ")))"
            advice = "if it is yours, add the domain to marker_domains in lever-milter.yaml and reload the daemon"
        }
    }

    private static let damage =
        "a program or server that handled the message damaged it: compare it with the mail that was answered"

    /// What is known of the marker, as the subject of a sentence.
    private static func subject(_ marker: Marker, _ rules: InspectionContext) throws -> String {
        guard let company = rules.routing[marker.company], let key = company.markerKeys[marker.keyID] else {
            return "a marker of a company or key that is not in the routing (forged, or its key was retired)"
        }
        return try marker.isAuthentic(key: HMACKey(key))
            ? "the marker of company \(marker.company), thread \(marker.thread),"
            : "a marker with a wrong signature (forged, or a letter was altered)"
    }

    private static func misplaced(_ subject: String, _ place: Place) -> (text: String, advice: String) {
        let advice =
            "the program that wrote the message must name the mail that it answers in In-Reply-To or References; many "
            + "mail programs do so for 'reply', and not for a new message or a forwarded one"
        switch place {
        case .counting(let name):
            return (
                "\(subject) is in \(name), and not read as an id there: in a comment, broken by blanks, or not among "
                    + "the first and the last \(MessageIDList.endLimit)", advice
            )
        case .original(let name):
            return (
                "\(subject) is in \(name), which counts only in a message that names none in In-Reply-To", advice
            )
        case .other(let name): return ("\(subject) is in \(name), where none counts", advice)
        case .body:
            return (
                "\(subject) is in the body, as in a quoted or attached message: the filter decides by the header alone",
                advice
            )
        }
    }
}
