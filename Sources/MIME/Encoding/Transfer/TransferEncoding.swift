import Core

/// Content-Transfer-Encoding (RFC 2045 section 6), read as mail programs read it: quoted, commented, misspelt. A value
/// that names no known encoding is identity: the content shows as it is.
enum TransferEncoding {
    /// 7bit, 8bit, binary, and whatever is unknown.
    case identity
    case base64
    case quotedPrintable
    /// Not of MIME, but sent by old mail programs.
    case uuencode

    /// Reads a field's value; nil is identity (section 6.1).
    init(_ field: (some Collection<UInt8>)?) {
        switch field.map({ Self.name(in: $0) }) {
        case "base64", "b64": self = .base64
        case "quotedprintable", "quoteprintable", "qp": self = .quotedPrintable
        case "xuuencode", "uuencode", "xuue", "uue": self = .uuencode
        default: self = .identity
        }
    }

    /// The content. Never fails: what cannot be decoded stays as it is. Text in clear beside base64 or uuencoded data,
    /// as mailing lists add it, stays visible; in a file it would be damage, so that `isText` says which it is.
    func decode(_ bytes: ArraySlice<UInt8>, isText: Bool = true) -> [UInt8] {
        switch self {
        case .identity: Array(bytes)
        case .base64: Base64Body.decode(bytes, keepsClearText: isText)
        case .quotedPrintable: QuotedPrintableBody.decode(bytes)
        case .uuencode: UUEncoding.decode(bytes, keepsClearText: isText)
        }
    }

    /// Letters and digits, without comments, up to a semicolon: `"quoted/printable"; x` is `quotedprintable`.
    private static func name(in field: some Collection<UInt8>) -> String {
        var name: [UInt8] = []
        var comments = 0
        for byte in field.prefix(200) {
            switch byte {
            case UInt8(ascii: "("): comments += 1
            case UInt8(ascii: ")"): comments = max(0, comments - 1)
            case _ where comments > 0: continue
            case UInt8(ascii: ";"): return String(decoding: name, as: UTF8.self)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                name.append(byte.asciiLowercased)
            default: continue
            }
        }
        return String(decoding: name, as: UTF8.self)
    }
}
