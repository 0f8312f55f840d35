public import Core

/// The delivery log of a company over a period and over the period of equal length before it, from which an
/// administrator judges whether the company can go live.
public struct Observation: Sendable {
    /// Records of one outcome and one direction; nil if the filter left before the direction was known.
    public struct Count: Hashable, Sendable {
        public let outcome: Outcome
        public let direction: Direction?
        public var messages: Int
        /// Of the raw messages, as far as they were received.
        public var bytes: Int64
    }

    public struct Period: Sendable {
        public let from: Timestamp
        public let until: Timestamp
        public var counts: [Count] = []
    }

    /// Records of one day (UTC) and one host.
    public struct Day: Hashable, Sendable {
        /// `2026-11-24`
        public let day: String
        public let host: String
        public let messages: Int
    }

    /// A number of threads and of messages in them.
    public struct Threads: Hashable, Sendable {
        public var threads = 0
        public var messages = 0
    }

    public let company: CompanyRecord
    public let period: Period
    public let before: Period
    /// The days of the period, in order.
    public let days: [Day]
    /// Of messages that passed every check of their marker, whatever their outcome.
    public let threads: Threads
    /// Those of them that the database does not have, so that their messages cannot be stored.
    public let unknownThreads: Threads
    /// The number of keys that a message would be sealed to.
    public let sealingKeys: Int
    public let hosts: [MailHostRecord]
}

extension Outcome {
    /// Outcomes of messages whose marker passed every check. Only size, mode or the database kept them from being
    /// stored.
    public static let matches: [Outcome] = [
        .captured, .duplicate, .unknownThread, .observeOnly, .forwarded, .alreadyForwarded, .tooLarge, .erased,
    ]
}
