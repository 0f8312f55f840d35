import Core

/// An extended value of a parameter: `charset'language'text`, bytes as `%` and two hexadecimal digits (RFC 2231 section
/// 4).
struct PercentText {
    var bytes: [UInt8]
    private var label: String?

    /// Charset and language may be missing, as some write it: then all of it is text.
    init(_ value: [UInt8]) {
        self = PercentText(charsetIn: value) ?? PercentText(bytes: Self.decoded(value[...]))
    }

    /// Nil unless the value plainly is one: it names a charset, and has an escape.
    init?(declaring value: [UInt8]) {
        guard let text = PercentText(charsetIn: value), let label = text.label, !label.isEmpty,
            let last = value.lastIndex(of: UInt8(ascii: "'")), Self.decoded(value[last...]).count < value[last...].count
        else { return nil }
        self = text
    }

    func text(charset: String?) -> String {
        let label = label.flatMap { $0.isEmpty ? nil : $0 }
        guard label != nil || String(validating: bytes, as: UTF8.self) == nil else {
            return HeaderText.oneLine(String(decoding: bytes, as: UTF8.self))
        }
        return HeaderText.oneLine(Charset.decode(bytes, label: label ?? charset))
    }

    private init(bytes: [UInt8], label: String? = nil) {
        self.bytes = bytes
        self.label = label
    }

    /// Nil without apostrophes after something that is a charset or nothing. Some leave out the language with its
    /// apostrophe, or put quotation marks around the text alone.
    private init?(charsetIn value: [UInt8]) {
        let parts = value.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count > 1 else { return nil }
        let label = String(decoding: parts[0], as: UTF8.self)
        guard label.isEmpty ? parts.count > 2 : Charset.isKnown(label) else { return nil }
        let text = parts.count > 2 ? parts[2] : parts[1]
        self.init(bytes: Self.decoded(text.first == UInt8(ascii: "\"") ? text.dropFirst() : text), label: label)
    }

    /// An escape that is none stays as it is.
    static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var position = text.startIndex
        while position < text.endIndex {
            if text[position] == UInt8(ascii: "%"), position + 2 < text.endIndex,
                let high = text[position + 1].hexDigitValue, let low = text[position + 2].hexDigitValue
            {
                bytes.append(high << 4 | low)
                position += 3
            } else {
                bytes.append(text[position])
                position += 1
            }
        }
        return bytes
    }
}
