import Core
import MIME

/// When a message of the past came.
enum MessageTime {
    /// 1990: what says that it is older does not know.
    private static let earliest = Timestamp(milliseconds: 631_152_000_000)

    /// What the mail host wrote down last (the topmost Received), else the sender (Date), else the store; none of them
    /// before there was mail, or after now.
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
