extension HeaderSection {
    /// The well-formed addresses in fields of these names, without display names and comments: fewer than in
    /// `mentionedAddresses`.
    public func addresses(in names: [String]) -> [Address] {
        names.flatMap(values).flatMap { AddressList($0).addresses }
    }

    /// The author: the one address of the one From field (RFC 5322 section 3.6.2). Nil where there are several, a group, or
    /// something malformed: then nobody can say who wrote it.
    public var author: Address? {
        let fields = values("From")
        return fields.count == 1 ? AddressList(fields[0]).only : nil
    }

    /// Whatever may be an address in From, Sender, Reply-To, To, Cc and Bcc, read leniently: every run of characters with
    /// an `@` in it, in display names and comments too, and what `addresses` finds. Of very long fields a bounded part is
    /// read.
    public var mentionedAddresses: [Address] {
        let names = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"]
        let runs = names.flatMap(values).flatMap { value in
            value.prefix(MessageIDList.byteLimit).split { byte in
                byte <= 0x20 || Self.addressDelimiters.contains(byte)
            }.filter { $0.contains(UInt8(ascii: "@")) }
        }.map { Address(lenient: $0) }
        // A local part in quotes is no run.
        let known = Set(runs)
        return runs + addresses(in: names).filter { !known.contains($0) }
    }

    private static let addressDelimiters = Set("<>,;:()[]\"".utf8)
}
