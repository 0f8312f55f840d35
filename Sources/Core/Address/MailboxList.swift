/// The addresses of a header field with their display names and comments, for people (RFC 5322 section 3.4). Read by the
/// parser of `AddressList`, so that what is shown as an address is what counts as one.
public struct MailboxList: Sendable {
    /// A piece of a display name. Ranges are of the field's value.
    public enum Piece: Hashable, Sendable {
        /// Words with what is between them; encoded words as they stand.
        case words(Range<Int>)
        /// The content of a quoted string, without quoted pairs.
        case quoted([UInt8])
        /// A comment without its parentheses.
        case comment(Range<Int>)
    }

    public enum Element: Hashable, Sendable {
        /// `spec` is the address as it stands, without brackets.
        case mailbox(Address, spec: Range<Int>, name: [Piece])
        /// The start of a group, with what stands before its colon.
        case group(name: [Piece])
        /// The semicolon.
        case groupEnd
        /// What is no address.
        case text(Range<Int>)
    }

    public private(set) var elements: [Element] = []

    /// Reads as much of the field as `AddressList` does.
    public init(_ value: ArraySlice<UInt8>) {
        let bounded = value.prefix(MessageIDList.byteLimit)
        var parser = AddressParser(bounded, recorder: MailboxRecorder())
        _ = parser.list()
        elements = parser.recorder?.elements ?? []
        if bounded.endIndex < value.endIndex { elements.append(.text(bounded.endIndex..<value.endIndex)) }
    }
}

/// Follows `AddressParser` and keeps where the elements are.
struct MailboxRecorder {
    private(set) var elements: [MailboxList.Element] = []
    /// Of the element that is being read.
    private var pieces: [MailboxList.Piece] = []
    private var all: Range<Int>?
    private var spec: (range: Range<Int>, address: Address?)?
    private var isText = false

    mutating func take(_ token: HeaderLexer.Token, at range: Range<Int>, _ lexer: HeaderLexer) {
        if case .space = token {} else { extend(to: range) }
        switch token {
        case .comment(isClosed: true): pieces.append(.comment(range.lowerBound + 1..<range.upperBound - 1))
        case .quoted(let content, isClosed: true): pieces.append(.quoted(lexer.unescaped(content)))
        case .space where pieces.isEmpty: break
        default:
            if case .words(let words) = pieces.last, words.upperBound == range.lowerBound {
                pieces[pieces.count - 1] = .words(words.lowerBound..<range.upperBound)
            } else {
                pieces.append(.words(range))
            }
        }
    }

    /// What is in angle brackets, brackets included.
    mutating func takeAngle(_ range: Range<Int>, _ address: Address?) {
        extend(to: range)
        if spec != nil || address == nil { isText = true }
        spec = (range.lowerBound + 1..<max(range.lowerBound + 1, range.upperBound - 1), address)
    }

    /// At a comma, a semicolon and the end; `address` is what the element is without brackets.
    mutating func end(_ address: Address?) {
        defer { reset() }
        guard let all else { return }
        if isText {
            elements.append(.text(all))
        } else if let spec, let address = spec.address {
            elements.append(.mailbox(address, spec: spec.range, name: pieces))
        } else if let address {
            let comments = pieces.filter { if case .comment = $0 { true } else { false } }
            elements.append(.mailbox(address, spec: bareSpec ?? all, name: comments))
        } else {
            elements.append(.text(all))
        }
    }

    /// At a colon.
    mutating func startGroup() {
        // An address before a colon is no group's name.
        if spec != nil { end(nil) } else { elements.append(.group(name: pieces)) }
        reset()
    }

    mutating func endGroup() { elements.append(.groupEnd) }

    /// At a comment or quoted string that never closes: the element is all the rest.
    mutating func endUnclosed(at start: Int, rest end: Int) {
        elements.append(.text((all?.lowerBound ?? start)..<end))
        reset()
    }

    /// The element without comments around it.
    private var bareSpec: Range<Int>? {
        var ranges: [Range<Int>] = []
        for case .words(let range) in pieces { ranges.append(range) }
        let isWhole = !pieces.contains { if case .quoted = $0 { true } else { false } }
        return ranges.count == 1 && isWhole ? ranges[0] : nil
    }

    private mutating func extend(to range: Range<Int>) {
        all = (all?.lowerBound ?? range.lowerBound)..<range.upperBound
    }

    private mutating func reset() { (pieces, all, spec, isText) = ([], nil, nil, false) }
}
