public import ArgumentParser
public import Core
import MessageTracing

extension Timestamp {
    /// The time of an option's value: a duration before now, as `90s`, `15m`, `1h` or `7d`, or a time, as
    /// `2026-11-24 09:30` or with a zone `2026-11-24T09:30:00Z`; without one it is the reader's. Throws
    /// `ValidationError`.
    init(option: String, _ text: String, _ clock: ReaderClock, now: Timestamp = .now()) throws {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        if let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), 0...36_500_000 ~= count,
            case let time = Timestamp(milliseconds: now.milliseconds - count * unit * 1000),
            Timestamp.supported.contains(time)
        {
            self = time
        } else if let time = Timestamp(text, offset: clock.offset(ofReading:)) {
            self = time
        } else {
            throw ValidationError(
                "\(option): '\(text.printable())' is neither a duration such as 90s, 15m, 1h or 7d, nor a time such as "
                    + "2026-11-24, '2026-11-24 09:30' or 2026-11-24T09:30:00Z.")
        }
    }
}

// Typed as they are stored.
extension Outcome: ExpressibleByArgument {}
extension Direction: ExpressibleByArgument {}
