/// Whether a server offers an extension in its answer to the EHLO that is said under TLS (RFC 5321 section 4.1.1.1): the
/// last one before a login and an envelope. What it said in the clear counts for nothing (RFC 3207 section 4.2).
///
/// A plain value, which is given the lines of the replies as they come.
struct ExtensionCheck {
    /// In capital letters: libcurl 7.88 and 8.14 know them only so.
    private let keyword: String
    /// Final lines with 220 that come before TLS: the greeting, and the answer to STARTTLS.
    private var repliesBeforeTLS: Int
    private var isOffered = false
    private var isDone = false
    /// The answer is complete, and the extension is not in it.
    private(set) var isMissing = false

    init(_ keyword: String, security: SubmissionServer.Security) {
        self.keyword = keyword
        repliesBeforeTLS = security == .starttls ? 2 : 1
    }

    mutating func take(_ line: some Collection<UInt8>) {
        let isLast = line.dropFirst(3).first != UInt8(ascii: "-")
        if repliesBeforeTLS > 0 {
            if isLast, line.starts(with: "220".utf8) { repliesBeforeTLS -= 1 }
            return
        }
        guard !isDone, line.starts(with: "250".utf8) else { return }
        let words = line.dropFirst(4).split { $0 == 0x20 || $0 == 13 || $0 == 10 }
        if words.first?.elementsEqual(keyword.utf8) ?? false { isOffered = true }
        if isLast { (isDone, isMissing) = (true, !isOffered) }
    }
}
