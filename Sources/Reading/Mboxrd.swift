public import Core

/// Entries of mbox files in the mboxrd form.
public enum Mboxrd {
    /// A raw message as an entry: a `From ` line, the message with lines that end in LF, an empty line. A line that
    /// begins with any number of `>` and `From ` is quoted by one more `>`, so that reading it back gives what was
    /// written.
    public static func entry(_ raw: [UInt8], receivedAt time: Timestamp) -> [UInt8] {
        var mbox = Array("From lever-milter \(time.calendar.asctime)\n".utf8)
        for line in raw.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == UInt8(ascii: ">") }).starts(with: "From ".utf8) {
                mbox.append(UInt8(ascii: ">"))
            }
            mbox += line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            mbox.append(UInt8(ascii: "\n"))
        }
        // After a final line feed the split gives the empty line by itself.
        if raw.last != UInt8(ascii: "\n") { mbox.append(UInt8(ascii: "\n")) }
        return mbox
    }
}
