/// A header field in which a marker counts. The raw values are in logs and never change.
public enum MarkerField: String, CaseIterable, Sendable {
    case inReplyTo = "in_reply_to"
    case references
    case leverThread = "x_lever_thread"
    case messageID = "message_id"
    /// Where Microsoft 365 and Google keep the original Message-ID when they replace it.
    case microsoftOriginalID = "x_microsoft_original_message_id"
    case googleOriginalID = "x_google_original_message_id"

    /// The name of the field.
    public var name: String {
        switch self {
        case .inReplyTo: "In-Reply-To"
        case .references: "References"
        case .leverThread: "X-Lever-Thread"
        case .messageID: "Message-ID"
        case .microsoftOriginalID: "X-Microsoft-Original-Message-ID"
        case .googleOriginalID: "X-Google-Original-Message-ID"
        }
    }
}

extension MarkerField {
    /// The fields with the message's own id; Message-ID first.
    public static let ownIDs: [MarkerField] = [.messageID, .microsoftOriginalID, .googleOriginalID]
}

/// A marker, and the header field that it was found in.
public struct MarkerOccurrence: Hashable, Sendable {
    public let marker: Marker
    public let field: MarkerField

    public init(_ marker: Marker, in field: MarkerField) {
        self.marker = marker
        self.field = field
    }
}

extension Marker {
    /// The markers in a header, in order of precedence: In-Reply-To, then References from its last id to its first,
    /// then, on originals only (messages that name none in In-Reply-To), X-Lever-Thread and the message's own ids.
    /// Never the subject or the body.
    ///
    /// A marker in several fields is listed once, with the first of them.
    public static func scan(_ header: HeaderSection, domains: [String]) -> [MarkerOccurrence] {
        scan(ThreadFields(header), domains: domains)
    }

    public static func scan(_ fields: ThreadFields, domains: [String]) -> [MarkerOccurrence] {
        var found: [MarkerOccurrence] = []

        func look(at ids: [[UInt8]], in field: MarkerField) {
            for marker in ids.lazy.compactMap({ Marker(messageID: $0, domains: domains) })
            where !found.contains(where: { $0.marker == marker }) {
                found.append(MarkerOccurrence(marker, in: field))
            }
        }

        look(at: fields[.inReplyTo], in: .inReplyTo)
        look(at: fields[.references].reversed(), in: .references)
        if fields.isOriginal {
            for field in [.leverThread] + MarkerField.ownIDs { look(at: fields[field], in: field) }
        }
        return found
    }
}
