/// Reads one Authentication-Results field by the grammar of RFC 8601 section 2.2 and nothing beside it, so that no text in
/// it can pass for a result. A plain value; the work is linear.
struct AuthenticationResultsParser {
    private struct Malformed: Error {}

    private let text: [UInt8]
    private var position = 0

    init(_ value: ArraySlice<UInt8>) { text = Array(value) }

    /// The authserv-id in lower case, with which a field begins. Nil where there is none in plain characters: what the mail
    /// server drops fields by (`header_checks`) must match whatever is taken for an id here, so quoted pairs make none.
    mutating func authservID() -> String? {
        guard (try? skipSpace()) != nil else { return nil }
        let isQuoted = peek == UInt8(ascii: "\"")
        let id = isQuoted ? try? quotedString(mayEscape: false) : Array(run(where: Self.isTokenByte))
        guard let id, !id.isEmpty else { return nil }
        return String(decoding: id.map(\.asciiLowercased), as: UTF8.self)
    }

    /// What follows the authserv-id; nil where it is malformed.
    mutating func results() -> [AuthenticationResult]? { try? fieldRest() }

    private mutating func fieldRest() throws -> [AuthenticationResult] {
        if try skipSpace(), let byte = peek, Self.isDigit(byte) {
            // Of another version nobody knows what it means.
            guard run(where: Self.isDigit).elementsEqual("1".utf8) else { throw Malformed() }
            try skipSpace()
        }
        var results: [AuthenticationResult] = []
        repeat {
            guard take(UInt8(ascii: ";")) else { throw Malformed() }
            try skipSpace()
            let method = try keyword()
            if method == "none", results.isEmpty, try isAtEnd() { return [] }
            results.append(try result(of: method))
        } while try !isAtEnd()
        return results
    }

    /// Behind its method.
    private mutating func result(of method: String) throws -> AuthenticationResult {
        try skipSpace()
        if take(UInt8(ascii: "/")) {
            try skipSpace()
            guard run(where: Self.isDigit).elementsEqual("1".utf8) else { throw Malformed() }
            try skipSpace()
        }
        try equals()
        let value = try keyword()
        var properties: [AuthenticationResult.Property] = []
        var hasSpace = try skipSpace()
        var mayBeReason = true
        while let byte = peek, byte != UInt8(ascii: ";") {
            guard hasSpace else { throw Malformed() }
            let name = try keyword()
            try skipSpace()
            if take(UInt8(ascii: ".")) {
                try skipSpace()
                let property = try keyword()
                try skipSpace()
                try equals()
                properties.append(.init(name: "\(name).\(property)", value: try propertyValue()))
            } else {
                guard name == "reason", mayBeReason else { throw Malformed() }
                try equals()
                try reason()
            }
            mayBeReason = false
            hasSpace = try skipSpace()
        }
        return AuthenticationResult(method: method, value: value, properties: properties)
    }

    private mutating func equals() throws {
        guard take(UInt8(ascii: "=")) else { throw Malformed() }
        try skipSpace()
    }

    private mutating func reason() throws {
        if peek == UInt8(ascii: "\"") {
            _ = try quotedString()
        } else if run(where: Self.isTokenByte).isEmpty {
            throw Malformed()
        }
    }

    /// `value / [ [ local-part ] "@" ] domain-name`.
    private mutating func propertyValue() throws -> [UInt8] {
        let start = position
        let isQuoted = peek == UInt8(ascii: "\"")
        // Senders choose what is quoted: with these, some filters (rspamd 3.4) write it so that it may end early.
        var value = isQuoted ? try quotedString() : Array(run { $0 >= 0x80 || Address.isAtomByte($0) })
        guard !value.contains(where: { "();<>\"\\".utf8.contains($0) }) else { throw Malformed() }
        if take(UInt8(ascii: "@")) {
            let domain = run { $0 >= 0x80 || Self.isTokenByte($0) }
            guard !domain.isEmpty else { throw Malformed() }
            value += [UInt8(ascii: "@")] + domain
        } else if !isQuoted {
            guard !value.isEmpty, value.allSatisfy({ $0 >= 0x80 || Self.isTokenByte($0) }) else { throw Malformed() }
        }
        // Letters beyond ASCII are UTF-8 (RFC 8601 section 2.2, RFC 6532).
        guard String(validating: text[start..<position], as: UTF8.self) != nil else { throw Malformed() }
        return value
    }

    /// `Ldh-str` of RFC 5321 section 4.1.2, in lower case.
    private mutating func keyword() throws -> String {
        let word = run { Self.isDigit($0) || Self.isLetter($0) || $0 == UInt8(ascii: "-") }
        guard let last = word.last, last != UInt8(ascii: "-") else { throw Malformed() }
        return String(decoding: word.map(\.asciiLowercased), as: UTF8.self)
    }

    /// Its content.
    private mutating func quotedString(mayEscape: Bool = true) throws -> [UInt8] {
        position += 1
        var content: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return content
            case UInt8(ascii: "\\"):
                guard mayEscape, let escaped = peek, Self.isText(escaped) else { throw Malformed() }
                content.append(escaped)
                position += 1
            case carriageReturn: try fold()
            default:
                guard Self.isText(byte) else { throw Malformed() }
                content.append(byte)
            }
        }
        throw Malformed()
    }

    // MARK: Space

    /// CFWS; whether there is any.
    @discardableResult
    private mutating func skipSpace() throws -> Bool {
        let start = position
        while let byte = peek {
            switch byte {
            case _ where byte.isBlank: position += 1
            case carriageReturn:
                position += 1
                try fold()
            case UInt8(ascii: "("): try comment()
            default: return position > start
            }
        }
        return position > start
    }

    private mutating func isAtEnd() throws -> Bool {
        try skipSpace()
        return peek == nil
    }

    /// With those inside it.
    private mutating func comment() throws {
        var depth = 0
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"):
                guard let escaped = peek, Self.isText(escaped) else { throw Malformed() }
                position += 1
            case carriageReturn: try fold()
            default: guard Self.isText(byte) else { throw Malformed() }
            }
            if depth == 0 { return }
        }
        throw Malformed()
    }

    /// Behind a CR: a CR or LF that folds no line is none that a mail server writes.
    private mutating func fold() throws {
        guard take(lineFeed), peek?.isBlank ?? false else { throw Malformed() }
    }

    // MARK: Bytes

    private var peek: UInt8? { position < text.count ? text[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func run(where isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while let byte = peek, isWanted(byte) { position += 1 }
        return text[start..<position]
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte.asciiLowercased
    }

    /// Anything but control characters; blanks too.
    private static func isText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte.isBlank }

    /// `token` of RFC 2045 section 5.1.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && !specials.contains(byte)
    }

    private static let specials = Set("()<>@,;:\\\"/[]?=".utf8)
}
