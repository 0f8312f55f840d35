import Core

/// Cuts a Content-Type or Content-Disposition field into its value and parameters, as leniently as mail programs do.
///
/// A file name without quotes goes on over blanks, parentheses, and semicolons that no parameter follows. Other values
/// end at a blank or a comment. A quotation mark ends a value only before what can follow a value. The work is linear.
struct ContentFieldLexer {
    private let text: [UInt8]
    private var position = 0
    /// What was looked for in vain to the end of the field is not looked for again.
    private var hasOpenQuotation = false
    private var hasOpenComment = false

    init(_ text: [UInt8]) { self.text = text }

    /// What stands before the parameters, in lower case. A semicolon may be missing.
    mutating func value() -> [UInt8] {
        var value: [UInt8] = []
        skipBlanksAndComments()
        while position < text.count, text[position] != semicolon, name(at: position) == nil {
            while position < text.count, text[position] > 0x20, text[position] != semicolon {
                if text[position] == openingParenthesis {
                    if skipComment() { continue }
                    position = text[position...].firstIndex(of: semicolon) ?? text.count
                    break
                }
                if text[position] != quotationMark, text[position] != UInt8(ascii: ",") {
                    value.append(text[position].asciiLowercased)
                }
                position += 1
            }
            skipBlanksAndComments()
        }
        return value
    }

    /// The next parameter; nil at the end of the field.
    mutating func parameter() -> (name: ArraySlice<UInt8>, value: [UInt8])? {
        while position < text.count {
            while position < text.count, text[position] == semicolon || text[position] <= 0x20 { position += 1 }
            skipBlanksAndComments()
            guard let name = name(at: position) else {
                position = text[position...].firstIndex(of: semicolon) ?? text.count
                continue
            }
            position = name.next
            return (text[name.range], parameterValue(of: text[name.range]))
        }
        return nil
    }

    private mutating func parameterValue(of name: ArraySlice<UInt8>) -> [UInt8] {
        let isFileName = ["filename", "name"].contains(
            String(decoding: name.prefix { $0 != UInt8(ascii: "*") }.lazy.map(\.asciiLowercased), as: UTF8.self))
        skipBlanks()
        guard position < text.count else { return [] }
        if text[position] == quotationMark {
            if let value = quotedString() { return value }
            position += 1
        }

        let start = position
        while position < text.count {
            let byte = text[position]
            if byte == semicolon {
                guard isFileName, let next = continuation(at: position) else { break }
                position = next
                continue
            }
            if !isFileName, byte <= 0x20 || byte == openingParenthesis { break }
            position += 1
        }
        var value = text[start..<position]
        while let last = value.last, last <= 0x20 || last == quotationMark { value.removeLast() }
        return Array(value)
    }

    /// Quoted strings, one or several after another. Nil if no quotation mark ends them.
    private mutating func quotedString() -> [UInt8]? {
        guard !hasOpenQuotation else { return nil }
        var value: [UInt8] = []
        var next = position + 1
        // Some programs write paths without doubling the backslash.
        let isPath = text[next...].dropFirst().starts(with: #":\"#.utf8)
        while next < text.count {
            let byte = text[next]
            if byte == UInt8(ascii: "\\"), next + 1 < text.count, !isPath || text[next + 1] == UInt8(ascii: "\\") {
                value.append(text[next + 1])
                next += 2
            } else if byte == quotationMark, let end = endOfQuotation(at: next) {
                guard end < text.count, text[end] == quotationMark else {
                    position = end
                    return value
                }
                next = end + 1
            } else {
                value.append(byte)
                next += 1
            }
        }
        hasOpenQuotation = true
        return nil
    }

    /// The place after a quotation mark and blanks, if what stands there can follow a value or is another quoted
    /// string.
    private func endOfQuotation(at mark: Int) -> Int? {
        let next = indexAfterBlanks(from: mark + 1)
        guard next < text.count else { return next }
        switch text[next] {
        case semicolon, openingParenthesis: return next
        case quotationMark: return next > mark + 1 ? next : nil
        default: return next > mark + 1 && name(at: next) != nil ? next : nil
        }
    }

    /// At a semicolon: the place where the file name goes on; nil if a parameter or nothing follows.
    private func continuation(at mark: Int) -> Int? {
        var next = mark + 1
        while next < text.count, text[next] <= 0x20 || text[next] == semicolon { next += 1 }
        return next == text.count || name(at: next) != nil ? nil : next
    }

    /// The name of a parameter, and the place after its equals sign.
    private func name(at start: Int) -> (range: Range<Int>, next: Int)? {
        var end = start
        while end < text.count, end - start <= 60, Self.isNameCharacter(text[end]) { end += 1 }
        let next = indexAfterBlanks(from: end)
        guard end > start, next < text.count, text[next] == UInt8(ascii: "=") else { return nil }
        return (start..<end, next + 1)
    }

    /// A character of a token (RFC 2045 section 5.1).
    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        0x21...0x7e ~= byte && !#"()<>@,;:\"/[]?="#.utf8.contains(byte)
    }

    private mutating func skipBlanks() { position = indexAfterBlanks(from: position) }

    private func indexAfterBlanks(from start: Int) -> Int {
        var next = start
        while next < text.count, text[next] <= 0x20 { next += 1 }
        return next
    }

    private mutating func skipBlanksAndComments() {
        repeat { skipBlanks() } while position < text.count && text[position] == openingParenthesis && skipComment()
    }

    /// False for a parenthesis that is not closed.
    private mutating func skipComment() -> Bool {
        guard !hasOpenComment else { return false }
        var (next, depth) = (position, 0)
        while next < text.count {
            switch text[next] {
            case openingParenthesis: depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"): next += 1
            default: break
            }
            next += 1
            if depth == 0 {
                position = min(next, text.count)
                return true
            }
        }
        hasOpenComment = true
        return false
    }
}

private let semicolon = UInt8(ascii: ";")
private let quotationMark = UInt8(ascii: "\"")
private let openingParenthesis = UInt8(ascii: "(")
