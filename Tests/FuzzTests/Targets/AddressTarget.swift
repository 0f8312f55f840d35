import Core
import Sealing

/// The input is a header field's value, and an envelope path.
enum AddressTarget {
    static func run(_ input: [UInt8]) throws {
        let list = AddressList(input[...])
        for address in list.addresses { try check(address) }
        try require("the author is the one address there is", list.only.map { list.addresses == [$0] } ?? true)

        let text = String(decoding: input, as: UTF8.self)
        if let address = Address(text) {
            try check(address)
            try require("a path of an address is that address", Address(path: "<\(text)>") == address)
            try require("a list of an address is that address", AddressList(Array(text.utf8)[...]).only == address)
        }
        let path = Address(path: text)
        if let domain = path.domain, Domain(domain) != nil {
            try require("a path reads as itself", Address(path: path.mailbox) == path)
        }
        try require("a path has no line ends", !path.text.utf8.contains { $0 == 10 || $0 == 13 })
        if let routed = path.routed { try require("what is routed has a domain", routed.domain != nil) }
        for delimiters in ["+", "-", "+-=."].compactMap(RecipientDelimiters.init) {
            let base = delimiters.base(of: path)
            try require("a base is its own", delimiters.base(of: base) == base)
            try require("a base is at the same domain", base.domain == path.domain)
            // That of a broken source route begins with the sign itself.
            try require("a base has a local part", !base.text.hasPrefix("@") || path.text.hasPrefix("@"))
        }
        try require("ASCII of a path is in lower case", !path.text.utf8.contains { (0x41...0x5a).contains($0) })

        if let domain = Domain(text) {
            try require("a domain's normal form is its own", Domain(domain.text) == domain)
            try require("a domain is ASCII", domain.text.utf8.allSatisfy { (0x21..<0x7f).contains($0) })
        }
        var header = HeaderSection()
        header.append(name: "To".utf8, value: input)
        let mentioned = Set(header.mentionedAddresses)
        try require("every address is mentioned", header.addresses(in: ["To"]).allSatisfy(mentioned.contains))
    }

    private static func check(_ address: Address) throws {
        try require(
            "an address has no controls and no brackets",
            address.text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != 0x3c && $0 != 0x3e }
                && !address.text.unicodeScalars.contains { (0x80...0x9f).contains($0.value) })
        try require("an address has a domain", address.domain.map { address.text.hasSuffix("@\($0)") } ?? false)
        try require("an address reads as itself", Address(address.mailbox) == address)
    }
}
