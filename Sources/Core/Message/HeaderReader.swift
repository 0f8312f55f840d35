/// Takes the header off a message line by line, as Postfix shows it to a filter: folds as LF, values up to their first
/// NUL, a `From ` line of a mailbox left out. It ends at the empty line, or at the first line that is no field.
///
/// A plain value. Memory is bounded by the limit of a field.
public struct HeaderReader {
    public enum Part {
        case header
        /// The empty line: the body is what follows.
        case separator
        /// The line is the body's first: none is empty before it.
        case body
    }

    /// header_size_limit of Postfix, as it is while a milter is attached.
    public static let postfixFieldLimit = 60_000

    private let fieldLimit: Int
    private var field: [UInt8] = []
    private var name: FieldName?
    /// A field has begun.
    public private(set) var hasFields = false
    /// In the line of a mailbox, which may come in pieces.
    private var isInPreamble = false

    /// No more than `fieldLimit` bytes of a field are kept.
    public init(fieldLimit: Int = postfixFieldLimit) { self.fieldLimit = fieldLimit }

    public typealias Body = (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void

    /// Takes a line without its end, or a piece of one. Calls `body` with the field that is complete, if one is. The
    /// value is everything after the colon.
    public mutating func take(
        _ line: some RandomAccessCollection<UInt8>, startsLine: Bool = true, endsLine: Bool = true, _ body: Body
    ) -> Part {
        if !startsLine {
            if !isInPreamble { append(line) }
            return .header
        }
        isInPreamble = !hasFields && Self.isMailboxLine(line)
        if isInPreamble { return .header }
        if name != nil, line.first?.isBlank ?? false {
            append(CollectionOfOne(lineFeed))
            append(line)
            return .header
        }
        finish(body)
        name = FieldName(startOf: line)
        guard name != nil else { return line.isEmpty && endsLine ? .separator : .body }
        hasFields = true
        append(line)
        return .header
    }

    /// Programs that copy a message out of a mailbox leave such a line in front, some of them quoted.
    private static func isMailboxLine(_ line: some RandomAccessCollection<UInt8>) -> Bool {
        line.drop { $0 == UInt8(ascii: ">") }.starts(with: "From ".utf8)
    }

    private mutating func append(_ bytes: some Collection<UInt8>) {
        field.append(contentsOf: bytes.prefix(max(0, fieldLimit - field.count)))
    }

    /// Calls `body` with the last field. To be called at the end of a message that ends in its header.
    public mutating func finish(_ body: Body) {
        guard let name else { return }
        field.withUnsafeBytes { bytes in
            let value = bytes[min(name.colon + 1, bytes.count)...]
            body(
                UnsafeRawBufferPointer(rebasing: bytes.prefix(name.length)),
                UnsafeRawBufferPointer(rebasing: value.prefix { $0 != 0 }))
        }
        self.name = nil
        field.removeAll(keepingCapacity: true)
    }
}

extension HeaderReader {
    /// Reads the header of a whole message, whose lines end in LF or CRLF. Returns where the body begins, and whether
    /// an empty line is before it.
    public static func read(
        _ message: [UInt8], fieldLimit: Int = postfixFieldLimit, _ body: Body = { _, _ in }
    ) -> (body: Int, hasSeparator: Bool) {
        var reader = HeaderReader(fieldLimit: fieldLimit)
        var position = 0
        while position < message.count {
            let end = message[position...].firstIndex(of: lineFeed) ?? message.count
            var line = message[position..<end]
            if line.last == carriageReturn { line.removeLast() }
            let next = min(end + 1, message.count)
            switch reader.take(line, body) {
            case .header: position = next
            case .separator: return (next, true)
            case .body: return (position, false)
            }
        }
        reader.finish(body)
        return (message.count, false)
    }
}
