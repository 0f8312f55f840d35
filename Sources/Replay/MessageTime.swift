import Core
import MIME

/// The time at which a past message was accepted.
enum MessageTime {
    /// 1990; anything that claims to be older is wrong.
    private static let earliest = Timestamp(milliseconds: 631_152_000_000)

    /// The time in the topmost Received field, else in Date, else in the store; times before 1990 and in the future do
    /// not count. Now if there is none.
    static func of(_ fields: HeaderSection, storedAt: Int) -> Timestamp {
        let now = Timestamp.now()
        let received = fields.unfolded("Received").first.flatMap { value in
            value.lastIndex(of: UInt8(ascii: ";")).flatMap { MailDate.seconds(in: value[($0 + 1)...]) }
        }
        let date = fields.unfolded("Date").first.flatMap { MailDate.seconds(in: $0) }
        return [received, date, storedAt].compactMap(\.self)
            .filter { $0 < 1 << 40 && $0 > -1 << 40 }.map { Timestamp(milliseconds: Int64($0) * 1000) }
            .first { $0 >= earliest && $0 <= now } ?? now
    }
}
