/// The addresses of a header field (RFC 5322 section 3.4), without display names and comments.
public struct AddressList: Sendable {
    /// Every well-formed one, members of groups too, in order.
    public fileprivate(set) var addresses: [Address] = []
    /// There is a group, perhaps an empty one (`undisclosed-recipients:;`).
    public fileprivate(set) var hasGroup = false
    /// Something in it is no address, or not all of it was read.
    public fileprivate(set) var isMalformed = false
    /// Words, comments or quoted strings beside an address hold what reads as another to a parser that is less careful.
    public fileprivate(set) var isAmbiguous = false

    /// Reads a bounded part of the field.
    public init(_ value: ArraySlice<UInt8>) {
        var parser = AddressParser(value.prefix(MessageIDList.byteLimit))
        self = parser.list()
        if value.count > MessageIDList.byteLimit { isMalformed = true }
    }

    fileprivate init() {}

    /// The address, if there is exactly one, alone and well-formed: of several, a group or something malformed nobody can
    /// say whose it is.
    public var only: Address? { addresses.count == 1 && !hasGroup && !isMalformed ? addresses[0] : nil }
}

/// Reads an address list. What is in angle brackets wins over the words before it.
struct AddressParser {
    private static let grammar = HeaderLexer.Grammar(specials: "<>,;:@)[]\\", hasQuotedStrings: true)

    private var lexer: HeaderLexer
    /// There were addresses and what separates them alone: no brackets, comments or space.
    private(set) var isBare = true
    /// Keeps where names and addresses are, for whoever shows them.
    private(set) var recorder: MailboxRecorder?

    init(_ text: ArraySlice<UInt8>, recorder: MailboxRecorder? = nil) {
        lexer = HeaderLexer(text, Self.grammar)
        self.recorder = recorder
    }

    mutating func list() -> AddressList {
        var list = AddressList()
        var parts = Parts()
        var isInGroup = false
        /// What was in the angle brackets of this element, until its end.
        var isDone = false

        func end() {
            if !isDone, !parts.isEmpty {
                if let address = parts.address { list.addresses.append(address) } else { list.isMalformed = true }
            }
            recorder?.end(isDone ? nil : parts.address)
            parts = Parts()
            isDone = false
        }

        var start = lexer.position
        while let token = lexer.next() {
            defer { start = lexer.position }
            switch token {
            case .special(UInt8(ascii: ",")): end()
            case .special(UInt8(ascii: ";")):
                end()
                if !isInGroup { list.isMalformed = true }
                isInGroup = false
                recorder?.endGroup()
            case .special(UInt8(ascii: ":")):
                // The words before it are the group's name.
                if isInGroup || isDone { list.isMalformed = true }
                (isInGroup, list.hasGroup) = (true, true)
                recorder?.startGroup()
                parts = Parts()
                isDone = false
            case .special(UInt8(ascii: "<")):
                if isDone { list.isMalformed = true }
                let address = angleAddress()
                if let address { list.addresses.append(address) } else { list.isMalformed = true }
                recorder?.takeAngle(start..<lexer.position, address)
                (isDone, isBare) = (true, false)
            case .space:  // It may stand around each part.
                isBare = false
                recorder?.take(token, at: start..<lexer.position, lexer)
            case .comment(isClosed: true):
                isBare = false
                recorder?.take(token, at: start..<lexer.position, lexer)
                if Self.hasBrackets(lexer.text[start..<lexer.position]) { list.isAmbiguous = true }
            case .comment(isClosed: false), .quoted(_, isClosed: false):
                list.isMalformed = true
                recorder?.endUnclosed(at: start, rest: lexer.text.endIndex)
                return list
            case .quoted(let content, _) where Self.hasBrackets(lexer.text[content]):
                list.isAmbiguous = true
                fallthrough
            default:
                if isDone { list.isMalformed = true }
                take(token, into: &parts)
                recorder?.take(token, at: start..<lexer.position, lexer)
                // A phrase has words alone (RFC 5322 section 3.2.5); an address before the brackets is what people write.
                if case .special(let byte) = token, byte != UInt8(ascii: "@") { list.isAmbiguous = true }
            }
        }
        end()
        if isInGroup { list.isMalformed = true }
        return list
    }

    /// What follows an opening bracket, to the closing one: an address, perhaps with a source route before it.
    private mutating func angleAddress() -> Address? {
        var parts = Parts()
        var mayBeRoute = true
        while let token = lexer.next() {
            switch token {
            case .special(UInt8(ascii: ">")): return parts.address
            case .special(UInt8(ascii: "@")) where parts.isEmpty && mayBeRoute:
                // `@relay.example,@other.example:` (RFC 5322 section 4.4).
                mayBeRoute = false
                guard let route = lexer.take(upTo: UInt8(ascii: ":")),
                    lexer.text[route].allSatisfy({ Self.isRouteByte($0) })
                else { return nil }
            case .space, .comment(isClosed: true): isBare = false  // They may stand around each part.
            case .comment(isClosed: false), .quoted(_, isClosed: false): return nil
            default: take(token, into: &parts)
            }
        }
        return nil
    }

    private static func hasBrackets(_ text: ArraySlice<UInt8>) -> Bool {
        text.contains { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }
    }

    /// Of domains with `@` before them, commas and space.
    private static func isRouteByte(_ byte: UInt8) -> Bool {
        Address.isAtomByte(byte) || byte == UInt8(ascii: "@") || byte == UInt8(ascii: ",")
            || HeaderLexer.isSpace(byte)
    }

    private mutating func take(_ token: HeaderLexer.Token, into parts: inout Parts) {
        switch token {
        case .word(let range): parts.word(Array(lexer.text[range]))
        case .quoted(let range, _): parts.quoted(lexer.unescaped(range))
        case .special(UInt8(ascii: "@")): parts.separator()
        case .special(UInt8(ascii: "[")):
            if let range = lexer.take(upTo: UInt8(ascii: "]")) {
                parts.literal(Array(lexer.text[range]))
            } else {
                parts.spoil()
            }
        default: parts.spoil()
        }
    }
}

/// A local part, `@` and a domain, as tokens come.
private struct Parts {
    private enum Place { case start, local, separator, domain, spoilt }

    private var place = Place.start
    private var local: [UInt8] = []
    private var domain: String?

    var isEmpty: Bool { place == .start }

    var address: Address? { place == .domain ? domain.flatMap { Address(local: local, domain: $0) } : nil }

    mutating func word(_ bytes: [UInt8]) {
        switch place {
        case .start: (local, place) = (bytes, .local)
        case .separator: (domain, place) = (Domain.normalForm(bytes), .domain)
        default: place = .spoilt
        }
    }

    mutating func quoted(_ bytes: [UInt8]) {
        (local, place) = (bytes, place == .start ? .local : .spoilt)
    }

    mutating func separator() { place = place == .local ? .separator : .spoilt }

    /// `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 section 4.1.3).
    mutating func literal(_ bytes: [UInt8]) {
        let isLiteral = bytes.allSatisfy {
            Address.isAtomByte($0) || $0 == UInt8(ascii: ":")
        }
        domain = isLiteral ? "[\(String(decoding: bytes.map(\.asciiLowercased), as: UTF8.self))]" : nil
        place = place == .separator ? .domain : .spoilt
    }

    mutating func spoil() { place = .spoilt }
}
