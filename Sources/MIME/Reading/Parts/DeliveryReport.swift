extension Message {
    /// What a mail server says became of a message (RFC 3464), or the program of its recipient (RFC 8098).
    public struct DeliveryReport: Hashable, Sendable {
        public enum Event: String, Hashable, Sendable {
            case failed, delayed, delivered, relayed, expanded
            /// Said by the recipient's program.
            case displayed, deleted, dispatched, processed, denied
        }

        public let event: Event
        /// The address that it is about; empty if the report does not say.
        public let recipient: String
        /// `5.1.1` (RFC 3463); empty if there is none.
        public let status: String
        /// What the server said, without its reply code and status; empty if there is nothing.
        public let diagnostic: String
        /// The server that said it; empty if the report does not say.
        public let host: String
        /// As the server wrote it: until when it tries; empty if it does not say.
        public let retriedUntil: String

        /// A sentence in English.
        public var text: String {
            let named = recipient.isEmpty ? "" : " to \(recipient)"
            let start =
                switch event {
                case .failed: "The message could not be delivered\(named)"
                case .delayed where retriedUntil.isEmpty: "The message has not been delivered\(named) yet"
                case .delayed: "The message has not been delivered\(named) yet, and is tried until \(retriedUntil)"
                case .delivered: "The message was delivered\(named)"
                case .relayed: "The message\(named) was passed on to a server that sends no reports"
                case .expanded: "The message was delivered\(named) and passed on to several recipients"
                case .displayed: "The message\(named) was displayed"
                case .deleted: "The message\(named) was deleted; it may not have been read"
                case .dispatched: "The message\(named) was passed on without being displayed"
                case .processed: "The message\(named) was processed without being displayed"
                case .denied: "The recipient of the message\(named) does not say whether it was displayed"
                }
            let isProblem = event == .failed || event == .delayed
            let reason = isProblem ? [status, diagnostic].filter { !$0.isEmpty }.joined(separator: " ") : ""
            let source = isProblem && !reason.isEmpty && !host.isEmpty ? " (\(host))" : ""
            let sentence = start + (reason.isEmpty ? "" : ": \(reason)") + source
            return sentence.hasSuffix(".") ? sentence : sentence + "."
        }
    }
}
