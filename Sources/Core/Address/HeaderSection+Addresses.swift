extension HeaderSection {
    /// The well-formed addresses in fields of these names, without display names and comments: fewer than in
    /// `mentionedAddresses`.
    public func addresses(in names: [String]) -> [Address] {
        names.flatMap(values).flatMap { AddressList($0).addresses }
    }

    /// Whatever may be an address in From, Sender, Reply-To, To, Cc and Bcc, read leniently: every run of characters
    /// with an `@` in it, in display names and comments too, and what `addresses` finds. Of very long fields a bounded
    /// part is read.
    public var mentionedAddresses: [Address] {
        let names = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"]
        let runs = names.flatMap(values).flatMap { value in
            value.prefix(MessageIDList.byteLimit).split { byte in
                byte <= 0x20 || Self.addressDelimiters.contains(byte)
            }.filter { $0.contains(UInt8(ascii: "@")) }
        }.map { Address(lenient: $0) }
        // A local part in quotes is no run, and blanks and comments may stand in the middle of an address.
        let known = Set(runs)
        let others = addresses(in: names) + names.flatMap(values).flatMap(Self.looseAddresses)
        return runs + others.filter { !known.contains($0) }
    }

    /// What Postfix would make of each element of the list, whatever it looks like.
    private static func looseAddresses(_ value: ArraySlice<UInt8>) -> [Address] {
        value.prefix(MessageIDList.byteLimit).split { ",;:".utf8.contains($0) }
            .compactMap { element in
                let bracket = element.lastIndex(of: UInt8(ascii: "<")).map { $0 + 1 } ?? element.startIndex
                let end = element[bracket...].firstIndex(of: UInt8(ascii: ">")) ?? element.endIndex
                let address = element[bracket..<end]
                return address.contains(UInt8(ascii: "@")) ? Address(lenient: address) : nil
            }
    }

    private static let addressDelimiters = Set("<>,;:()[]\"".utf8)
}
