extension HeaderSection {
    /// The mail addresses in fields of these names (RFC 5322 section 3.4), without display names and comments: fewer than
    /// in `addresses`. Of very long fields no more than a bounded part is read.
    public func mailboxes(in names: [String]) -> [EnvelopeAddress] {
        names.flatMap(values).flatMap { Self.mailboxes(in: $0.prefix(MessageIDList.byteLimit)) }
    }

    private static func mailboxes(in value: ArraySlice<UInt8>) -> [EnvelopeAddress] {
        var found: [EnvelopeAddress] = []
        var word: [UInt8] = []
        var depth = 0
        var isQuoted = false
        var isEscaped = false

        func end() {
            if word.contains(UInt8(ascii: "@")) {
                found.append(EnvelopeAddress(path: String(decoding: word, as: UTF8.self)))
            }
            word = []
        }

        for byte in value {
            if isEscaped {
                isEscaped = false
                if depth == 0 { word.append(byte) }
            } else if byte == UInt8(ascii: "\\"), isQuoted || depth > 0 {
                isEscaped = true
                if depth == 0 { word.append(byte) }
            } else if isQuoted {
                word.append(byte)
                // A quoted word is a name, unless the rest of an address follows.
                if byte == UInt8(ascii: "\"") { isQuoted = false }
            } else if depth > 0 {
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
            } else if byte == UInt8(ascii: "(") {
                depth = 1
            } else if byte == UInt8(ascii: "\"") {
                if word.last == UInt8(ascii: "\"") { word = [] }
                word.append(byte)
                isQuoted = true
            } else if byte <= 0x20 || ends.contains(byte) {
                // `"name @ place"` alone is no address: an address ends in a domain.
                if word.last == UInt8(ascii: "\"") { word = [] }
                end()
            } else {
                word.append(byte)
            }
        }
        if word.last == UInt8(ascii: "\"") || isQuoted { word = [] }
        end()
        return found
    }

    private static let ends = Set("<>,;:[]".utf8)
}
