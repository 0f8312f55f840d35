public import Core
import Glibc

/// Entries of mbox files in the mboxrd form.
public enum Mboxrd {
    /// A raw message as an entry: a `From ` line, the message with lines that end in LF, an empty line. A line that
    /// begins with any number of `>` and `From ` is quoted by one more `>`, so that reading it back gives what was
    /// written.
    public static func entry(_ raw: [UInt8], receivedAt time: Timestamp) -> [UInt8] {
        var mbox = Array("From lever-milter \(time.asctime)\n".utf8)
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

extension Timestamp {
    /// As asctime(3) writes it: `Tue Nov 24 09:30:00 2026`, UTC.
    fileprivate var asctime: String {
        var seconds = time_t(milliseconds / 1000)
        var fields = tm()
        gmtime_r(&seconds, &fields)
        var text = [CChar](repeating: 0, count: 32)
        asctime_r(&fields, &text)
        return String(decoding: text.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
