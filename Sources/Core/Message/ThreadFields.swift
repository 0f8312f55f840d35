/// The message ids in the header fields that may identify a thread, parsed once.
public struct ThreadFields: Sendable {
    /// In the order of `MarkerField.allCases`.
    private let ids: [[[UInt8]]]
    /// The message is not a reply: it names no message in In-Reply-To. Many programs write that field into each
    /// message, and leave it empty, or put a word like `<null>` into it, where there is nothing to name.
    public let isOriginal: Bool

    public init(_ header: HeaderSection) {
        let answered = MessageIDList.ids(in: header.values(MarkerField.inReplyTo.name))
        let isOriginal = !answered.contains(where: MessageIDList.isWhole)
        ids = MarkerField.allCases.map { field in
            if field == .inReplyTo { return answered }
            return isOriginal || field.countsInAnswers ? MessageIDList.ids(in: header.values(field.name)) : []
        }
        self.isOriginal = isOriginal
    }

    /// The ids in a field, in order. X-Lever-Thread and the message's own ids are empty unless it is an original.
    public subscript(field: MarkerField) -> [[UInt8]] { ids[field.index] }
}

extension MarkerField {
    fileprivate var countsInAnswers: Bool { self == .inReplyTo || self == .references }

    fileprivate var index: Int {
        switch self {
        case .inReplyTo: 0
        case .references: 1
        case .leverThread: 2
        case .messageID: 3
        case .microsoftOriginalID: 4
        case .googleOriginalID: 5
        }
    }
}
