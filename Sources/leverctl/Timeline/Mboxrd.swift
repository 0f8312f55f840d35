import Core
import Glibc

extension OpenedEntry {
    /// The raw message as one of an mbox file in mboxrd form: lines end in LF, `From ` after any number of `>` is
    /// quoted by one more. Nil if it does not open.
    var mboxrd: [UInt8]? {
        guard let raw = try? raw?.get() else { return nil }
        var mbox = Array("From lever-milter \(entry.acceptedAt.mboxDate)\n".utf8)
        for line in raw.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == UInt8(ascii: ">") }).starts(with: "From ".utf8) {
                mbox.append(UInt8(ascii: ">"))
            }
            mbox += line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            mbox.append(UInt8(ascii: "\n"))
        }
        // A message that ends in a line feed gives an empty line after it, which is what mbox wants anyway.
        if raw.last != UInt8(ascii: "\n") { mbox.append(UInt8(ascii: "\n")) }
        return mbox
    }
}

extension Timestamp {
    /// As asctime writes it: `Tue Nov 24 09:30:00 2026`, UTC.
    fileprivate var mboxDate: String {
        var seconds = time_t(milliseconds / 1000)
        var fields = tm()
        gmtime_r(&seconds, &fields)
        var text = [CChar](repeating: 0, count: 32)
        asctime_r(&fields, &text)
        return String(decoding: text.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
