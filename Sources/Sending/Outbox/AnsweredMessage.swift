import Core

/// The ids of a message that is answered, with angle brackets.
struct AnsweredMessage: Hashable {
    let messageID: String?
    let references: [String]

    /// Whether the id is visible ASCII, closes no bracket, and fits on a line (RFC 5322 section 2.1.1): the mail that
    /// is answered is anybody's.
    private static func canStandInField(_ id: [UInt8]) -> Bool {
        id.count <= 900
            && id.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }

    /// References kept of it: the first, and the last ones.
    private static let referenceLimit = 20

    init(_ header: HeaderSection) {
        func ids(_ name: String) -> [String] {
            MessageIDList.ids(in: header.values(name)).filter(Self.canStandInField)
                .map { "<\(String(decoding: $0, as: UTF8.self))>" }
        }
        messageID = ids("Message-ID").first
        let all = ids("References")
        references =
            all.count <= Self.referenceLimit ? all : all.prefix(1) + all.suffix(Self.referenceLimit - 1)
    }

    /// The References of an answer in the thread of `marker`: the marker, then those of the answered message and its
    /// own id last (RFC 5322 section 3.6.4).
    func references(startingWith marker: String) -> [String] {
        [marker] + references.filter { $0 != marker } + [messageID].compactMap(\.self)
    }
}
