import Core

/// Adjacent encoded words of one charset, whose bytes are converted together. Owned by the decoding of one field.
struct EncodedWordRun {
    private var label = ""
    private var encoding: TextEncoding?
    private var bytes: [UInt8] = []
    /// Where words end within the bytes.
    private var ends: [Int] = []

    private(set) var isEmpty = true

    /// Whether the word is in the charset of those before it.
    func takes(_ word: EncodedWord) -> Bool {
        let label = String(decoding: word.charset, as: UTF8.self)
        return label == self.label || encoding != nil && TextEncoding(label: label) == encoding
    }

    mutating func append(_ word: EncodedWord) {
        if isEmpty {
            label = String(decoding: word.charset, as: UTF8.self)
            encoding = TextEncoding(label: label)
            isEmpty = false
        } else {
            ends.append(bytes.count)
        }
        bytes += word.content
    }

    /// The text of the run, which is empty afterwards.
    mutating func end() -> String {
        guard !isEmpty else { return "" }
        defer { self = EncodedWordRun() }
        return Charset.decode(encoding == .iso2022JP ? shiftedBack() : bytes, label: label)
    }

    /// A word begins in ASCII (RFC 2047 section 6.3), whatever the one before it ended in; but senders also cut shifted
    /// text in two, and then the next escape sequence shifts it back.
    private func shiftedBack() -> [UInt8] {
        var result: [UInt8] = []
        var (start, escape) = (0, -1)
        for end in ends {
            result += bytes[start..<end]
            start = end
            if escape < end { escape = bytes[end...].firstIndex(of: 0x1b) ?? bytes.count }
            if !ShiftedText.isShifted(bytes, before: escape) { result += [0x1b, UInt8(ascii: "("), UInt8(ascii: "B")] }
        }
        return result + bytes[start...]
    }
}
