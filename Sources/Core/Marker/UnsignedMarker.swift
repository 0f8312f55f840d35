/// A message id at a marker domain that does not have the form of ours: an outside system started the thread.
public struct UnsignedMarker: Hashable, Sendable {
    /// Without brackets; the domain in lower case.
    public let id: [UInt8]
    public let field: MarkerField

    /// The first one of a thread that a header names: References begins with it, an original has it as its own. What begins
    /// as a marker of ours is none, however damaged.
    public init?(_ header: HeaderSection, domains: [String]) {
        self.init(ThreadFields(header), domains: domains)
    }

    public init?(_ fields: ThreadFields, domains: [String]) {
        // The last ones are empty but on originals.
        for field in [MarkerField.references, .inReplyTo, .leverThread] + MarkerField.ownIDs {
            for id in fields[field] {
                guard let at = id.lastIndex(of: UInt8(ascii: "@")), at > 0, id.count <= Self.lengthLimit,
                    let domain = domains.first(where: { id[(at + 1)...].isDomain($0) }),
                    !Marker.form.isPrefix(of: id[...])
                else { continue }
                self.id = id[...at] + Array(domain.utf8)
                self.field = field
                return
            }
        }
        return nil
    }

    /// Bytes, as a line of a header may have (RFC 5322 section 2.1.1).
    private static let lengthLimit = 998
}

extension ArraySlice<UInt8> {
    /// Compares with a domain in lower case.
    fileprivate func isDomain(_ domain: String) -> Bool {
        let wanted = domain.utf8
        return count == wanted.count && zip(self, wanted).allSatisfy { $0.asciiLowercased == $1 }
    }
}
