/// A message id at a marker domain that does not have the form of ours: an outside system started the thread.
public struct UnsignedMarker: Hashable, Sendable {
    /// Without brackets; the domain in lower case.
    public let id: [UInt8]
    public let field: MarkerField

    /// The first one of a thread that a header names: References begins with it, an original has it as its own. What begins
    /// as a marker of ours is none, however damaged.
    public init?(_ header: HeaderSection, domains: some Collection<String>) {
        let isOriginal = header.values(MarkerField.inReplyTo.name).isEmpty
        let fields = [MarkerField.references, .inReplyTo] + (isOriginal ? [.leverThread] + MarkerField.ownIDs : [])
        for field in fields {
            for id in MessageIDList.ids(in: header.values(field.name)) {
                guard let at = id.lastIndex(of: UInt8(ascii: "@")), at > 0, id.count <= Self.lengthLimit else {
                    continue
                }
                let domain = id[(at + 1)...].map(\.asciiLowercased)
                guard domains.contains(String(decoding: domain, as: UTF8.self)),
                    !id.prefix(4).map(\.asciiLowercased).elementsEqual("lv1.".utf8)
                else { continue }
                self.id = id[...at] + domain
                self.field = field
                return
            }
        }
        return nil
    }

    /// Bytes, as a line of a header may have (RFC 5322 section 2.1.1).
    private static let lengthLimit = 998
}
