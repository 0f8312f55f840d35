/// The message ids in In-Reply-To, References and alike, read as leniently as mail in the wild demands: folded
/// anywhere, with comments, commas or nothing between them, with or without angle brackets, in several fields of one
/// name (RFC 5322 section 3.6.4 and its obsolete forms in 4.5.4).
///
/// The work is bounded: of a longer list only the ends are read, where the ids that matter stand.
public enum MessageIDList {
    /// Bytes of field values looked at; of more, half from either end.
    public static let byteLimit = 60_000
    /// Ids kept from either end.
    public static let endLimit = 32

    /// The ids without brackets and inner white space, in order.
    public static func ids(in values: [ArraySlice<UInt8>]) -> [[UInt8]] {
        guard let first = values.first else { return [] }
        let text = values.count == 1 ? first : Array(values.joined(separator: [UInt8(ascii: " ")]))[...]
        guard text.count > byteLimit else { return ends(of: scan(text)) }
        // An id cut in two by the bound is not an id: its MAC cannot match.
        return ends(of: scan(text.prefix(byteLimit / 2)) + scan(text.suffix(byteLimit / 2)))
    }

    private static func ends(of ids: [[UInt8]]) -> [[UInt8]] {
        ids.count <= 2 * endLimit ? ids : Array(ids.prefix(endLimit) + ids.suffix(endLimit))
    }

    private static func scan(_ text: ArraySlice<UInt8>) -> [[UInt8]] {
        var ids: [[UInt8]] = []
        var position = text.startIndex
        // Where what stands outside of brackets and comments began.
        var bareStart = position

        func endBare() {
            let bare = text[bareStart..<position]
            if bare.contains(UInt8(ascii: "@")) { ids.append(Array(bare)) }
        }

        // Once a closing character is not found it is not looked for again: the work stays linear.
        var bracketsMayClose = true
        var commentsMayClose = true
        while position < text.endIndex {
            let byte = text[position]
            if byte == UInt8(ascii: "<"), bracketsMayClose {
                if let end = text[position...].firstIndex(of: UInt8(ascii: ">")) {
                    endBare()
                    // `<<id>` and a bracket that was never closed: the id is what follows the last one.
                    let start = text[position..<end].lastIndex(of: UInt8(ascii: "<"))!
                    let id = text[(start + 1)..<end]
                    // Few have any: what `filter` makes grows step by step.
                    ids.append(id.contains(where: isSpace) ? id.filter { !isSpace($0) } : Array(id))
                    position = end + 1
                    bareStart = position
                } else {
                    bracketsMayClose = false
                }
            } else if byte == UInt8(ascii: "("), commentsMayClose {
                if let end = endOfComment(in: text[position...]) {
                    endBare()
                    position = end
                    bareStart = position
                } else {
                    commentsMayClose = false
                }
            } else {
                let isEnd = isSeparator(byte)
                if isEnd { endBare() }
                position += 1
                if isEnd { bareStart = position }
            }
        }
        endBare()
        return ids
    }

    /// Ends a bare id.
    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
            UInt8(ascii: "("), UInt8(ascii: ")"):
            true
        default: isSpace(byte)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte.isBlank || byte == carriageReturn || byte == lineFeed
    }

    /// The index after a comment, which may hold others and quoted pairs; nil where it never closes.
    private static func endOfComment(in text: ArraySlice<UInt8>) -> Int? {
        var depth = 0
        var position = text.startIndex
        while position < text.endIndex {
            switch text[position] {
            case UInt8(ascii: "\\"): position += 1
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 { return position + 1 }
            default: break
            }
            position += 1
        }
        return nil
    }
}
