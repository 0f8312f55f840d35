import Core

/// Adjacent encoded words of one charset, whose bytes are converted together. Owned by the decoding of one field.
struct EncodedWordRun {
    private var label: String?
    private var bytes: [UInt8] = []

    private(set) var isEmpty = true

    /// Whether the word is in the charset of those before it.
    func takes(_ word: EncodedWord) -> Bool {
        isEmpty || String(decoding: word.charset, as: UTF8.self).lowercased() == label
    }

    mutating func append(_ word: EncodedWord) {
        if isEmpty { label = String(decoding: word.charset, as: UTF8.self).lowercased() }
        isEmpty = false
        bytes += word.content
    }

    /// The text of the run, which is empty afterwards.
    mutating func end() -> String {
        guard !isEmpty else { return "" }
        defer { self = EncodedWordRun() }
        return Charset.decode(bytes, label: label)
    }
}
